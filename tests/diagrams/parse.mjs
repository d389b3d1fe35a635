// Reads Mermaid files with Mermaid's own parser; says what is wrong with each, and fails where anything is.
import fs from "node:fs";
import { JSDOM } from "jsdom";

// Mermaid cleans texts with a browser's document.
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

for (const path of process.argv.slice(2)) {
  try {
    await mermaid.parse(fs.readFileSync(path, "utf8"));
  } catch (error) {
    console.error(`${path}: ${error.message ?? error}`);
    process.exitCode = 1;
  }
}
