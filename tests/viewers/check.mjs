// Opens what `tests/views.rs` wrote with the programs that people open it with.
//
//   node check.mjs FOLDER CHROMIUM
//
// A line for each thing that is wrong; exit code 1 if there is any.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const [folder, executablePath] = process.argv.slice(2);
const files = (ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).sort();
const text = (name) => readFileSync(join(folder, name), "utf8");
const wrong = [];
let checks = 0;
const check = (holds, what) => {
  checks += 1;
  if (!holds) wrong.push(what);
};

// SARIF: the published schema.
{
  const Ajv = require("ajv-draft-04").default;
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  require("ajv-formats").default(ajv);
  const valid = ajv.compile(JSON.parse(readFileSync(require.resolve("schemastore/schemas/json/sarif-2.1.0-rtm.5.json"), "utf8")));
  for (const name of files(".sarif")) {
    check(valid(JSON.parse(text(name))), `${name}: ${JSON.stringify(valid.errors)}`);
  }
}

const { chromium } = require("playwright-core");
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// Mermaid's own parser and drawing.
{
  const page = await browser.newPage();
  await page.goto("about:blank");
  await page.addScriptTag({ path: require.resolve("mermaid/dist/mermaid.min.js") });
  await page.evaluate(() => mermaid.initialize({ startOnLoad: false, securityLevel: "strict" }));
  for (const name of files(".md")) {
    const diagram = /^(`{3,})mermaid\n([^]*?)\n\1$/m.exec(text(name))?.[2];
    if (!diagram) continue;
    const outcome = await page.evaluate(async (source) => {
      try {
        await mermaid.parse(source);
        return (await mermaid.render("drawing", source)).svg.includes("<svg") ? "" : "no drawing";
      } catch (error) {
        return String(error);
      }
    }, diagram);
    check(outcome === "", `${name}: mermaid: ${outcome}`);
  }
  await page.close();
}

// The pages: no errors, no requests, no barriers; what can be clicked does what it says.
for (const name of files(".html")) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const said = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("dialog", (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => { if (!request.url().startsWith("file:")) said.push(request.url()); });
    const devtools = await context.newCDPSession(page);
    // Time of the page's own thread: a busy machine does not count.
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    const begun = performance.now();
    await page.goto(pathToFileURL(join(folder, name)).href, { waitUntil: "load" });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const took = performance.now() - begun;
    const { metrics } = await devtools.send("Performance.getMetrics");
    const own = 1000 * metrics.find((metric) => metric.name === "TaskDuration").value;
    if (name.startsWith("thousand")) {
      console.log(`${name} (${colorScheme}): opens in ${took.toFixed(0)} ms (${own.toFixed(0)} ms of work)`);
      check(own < 2000, `${name}: takes ${own.toFixed(0)} ms to open`);
    } else {
      // The checker's own script is not what the page's policy is about.
      const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run());
      for (const v of violations) {
        check(false, `${name} (${colorScheme}): ${v.id}: ${v.nodes.slice(0, 3).map((node) => node.target).join("; ")}`);
      }
    }
    if (colorScheme === "light") await use(page, name);
    check(said.length === 0, `${name} (${colorScheme}): ${said.join("; ")}`);
    await context.close();
  }
}
await browser.close();

async function use(page, name) {
  const objects = page.locator("section.object");
  const all = await objects.count();
  if (all === 0) return;
  const visible = () => page.evaluate(() => [...document.querySelectorAll("section.object")].filter((s) => !s.hidden).length);

  await page.keyboard.press("/");
  const first = (await objects.first().locator("h2").textContent()).trim().split(/\s+/).pop();
  await page.keyboard.type(first);
  const found = await visible();
  check(found >= 1 && found <= all, `${name}: search for ${first} finds ${found} of ${all}`);
  await page.locator("#search").fill("there is no such thing anywhere");
  check(await visible() === 0, `${name}: a search for nothing finds something`);
  await page.keyboard.press("Escape");
  check(await visible() === all, `${name}: Escape does not clear the search`);

  for (const chip of await page.locator(".chip").all()) {
    const hazard = await chip.getAttribute("data-hazard");
    await chip.click();
    const wrongly = await page.evaluate((hazard) =>
      [...document.querySelectorAll("[data-filtered]")].filter((e) => e.hidden === e.dataset.hazards.split(" ").includes(hazard)).length, hazard);
    check(wrongly === 0, `${name}: filter ${hazard} is wrong about ${wrongly} elements`);
    await chip.click();
  }
  await page.locator("#phase").selectOption("contract");
  const expand = await page.evaluate(() => [...document.querySelectorAll("article")].filter((a) => !a.hidden && a.dataset.phases === "expand").length);
  check(expand === 0, `${name}: the filter contract shows ${expand} steps of expand`);
  await page.keyboard.press("Escape");

  if (await page.locator(".canvas svg").count()) {
    const box = () => page.locator(".canvas svg").getAttribute("viewBox");
    const before = await box();
    await page.locator("[data-zoom=in]").click();
    check(await box() !== before, `${name}: zoom does nothing`);
    await page.locator(".canvas").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("[data-zoom=fit]").click();
    check((await box()).split(" ").map(Number).join() === before.split(" ").map(Number).join(), `${name}: fit does not fit`);
  }
  const copy = page.locator("section.object article > .code > .copy").first();
  await copy.scrollIntoViewIfNeeded();
  await copy.click();
  const said = await page.waitForFunction(() => [...document.querySelectorAll(".copy")].find((b) => /^(Copied|Selected)$/.test(b.textContent)), null, { timeout: 5000 }).catch(() => null);
  check(said !== null, `${name}: copy says nothing`);

  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  check(await page.evaluate(() => document.activeElement.matches("section.object summary")), `${name}: j goes nowhere`);
  await page.keyboard.press("x");
  check(await page.evaluate(() => !document.activeElement.parentElement.open), `${name}: x does not close`);
  const theme = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await theme();
  await page.keyboard.press("t");
  check(await theme() !== light, `${name}: t does not change the theme`);
}

wrong.forEach((line) => console.log(line));
console.log(`${checks} checks, ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
