// Bundles the scripts that pages load: `npm install && npm run build`; `node build.mjs FOLDER` writes them elsewhere.

import { build } from "esbuild";

const shared = { bundle: true, charset: "utf8", legalComments: "none", minify: true, target: "es2022" };
const outdir = process.argv[2];
const here = import.meta.dirname;

await build({ ...shared, entryPoints: [`${here}/engine/worker.js`], outdir, format: "iife" });
await build({ ...shared, entryPoints: [`${here}/page/mien.js`], outdir, format: "esm" });
