// Bundles the editor and the licences of what is in it: node build.mjs [FOLDER FOR THE RESULT]
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const folder = process.argv[2] ?? "../static/built";
const { metafile, outputFiles } = await build({
  entryPoints: ["editor.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2021"],
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
});

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) packages.add(found[1]);
}
const licences = [];
for (const name of [...packages].sort()) {
  const place = path.join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(path.join(place, "package.json"), "utf8"));
  const file = (await readdir(place)).find(entry => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(path.join(place, file), "utf8") : "";
  licences.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
}

await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, "LICENCES.txt"), licences.join(`\n${"-".repeat(72)}\n\n`));
// Last, because its being there says that all is done.
await writeFile(path.join(folder, "editor.js"), outputFiles[0].contents);
