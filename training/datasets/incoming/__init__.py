"""What datasets bring with them: files and tables, names of classes, people in file names."""
