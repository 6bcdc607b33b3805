"""The machine below the engine: paths, third-party files, native libraries, threads."""
