// Builds the Dockerfile's images without Docker: each stage is a folder, each RUN a shell command in it. It supports
// only the instructions that our Dockerfile uses.
import { execFileSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { atEnd } from "../cleanup.ts";
import { projectFolder } from "../services/services.ts";

export const dockerfile = readFileSync(join(projectFolder, "infra", "docker", "Dockerfile"), "utf8");

/** What a container of an image starts with. */
export type Image = Readonly<{
  /** Contains the files of the image's working folder. */
  folder: string;
  environment: Readonly<Record<string, string>>;
  command: readonly string[];
  healthCommand: readonly string[];
  user: string;
}>;

/** All services but `standalone`, which is for machines without containers. */
export const imagedServices: readonly string[] = readdirSync(join(projectFolder, "services")).filter(
  (name) => name !== "standalone",
);

type Stage = { name: string; base: string; instructions: Instruction[] };

const never = new Set(["node_modules", ".git", ".data", ".turbo"]);

const parsed = DockerfileParser.parse(dockerfile);
const lineOf = (instruction: Instruction) => instruction.getRange().start.line;
const wordsOf = (instruction: Instruction) => instruction.getArguments().map((argument) => argument.getValue());
/** The source stage of each COPY, by its line. */
const copiedFrom = new Map(parsed.getCOPYs().map((copy) => [lineOf(copy), copy.getFromFlag()?.getValue()]));

function readStages(): Map<string, Stage> {
  const found = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of parsed.getInstructions()) {
    if (instruction.getKeyword() === "FROM") {
      const [base = "", , name = ""] = wordsOf(instruction);
      stage = { name, base, instructions: [] };
      found.set(name, stage);
    } else stage?.instructions.push(instruction);
  }
  return found;
}

const stages = readStages();

/** The stages that are images of services: those with a CMD or an ENTRYPOINT. */
export const targets: readonly string[] = [...stages.values()]
  .filter(({ instructions }) => instructions.some((one) => ["CMD", "ENTRYPOINT"].includes(one.getKeyword())))
  .map(({ name }) => name);

/** Reads .dockerignore: the last pattern that matches a path, or a folder above it, decides; `!` includes it again. */
function readIgnored(): (path: string) => boolean {
  const lines = readFileSync(join(projectFolder, ".dockerignore"), "utf8").split("\n");
  const patterns = lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const source = line
        .replace(/^!/, "")
        .replace(/[.+]/g, "\\$&")
        .replace(/\*\*\/|\*/g, (star) => (star === "*" ? "[^/]*" : "(.*/)?"));
      return { isWanted: line.startsWith("!"), pattern: new RegExp(`^${source}(/|$)`) };
    });
  return (path) => patterns.findLast(({ pattern }) => pattern.test(path))?.isWanted === false;
}

/** Every file of the build context, relative to the project's folder. */
export function contextFiles(): string[] {
  const isIgnored = readIgnored();
  const walk = (folder: string): string[] =>
    readdirSync(join(projectFolder, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (never.has(entry.name)) return [];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk("").filter((path) => !isIgnored(path));
}

/** Builds images one after another in one folder, which is removed as cleanup.ts says. */
export function createImageBuilder(): (target: string) => Image {
  const root = mkdtempSync(join(tmpdir(), "onsale-image-"));
  atEnd(() => rmSync(root, { recursive: true, force: true }));
  const context = contextFiles();
  const built = new Map<string, Image>();

  function build(name: string): Image {
    const known = built.get(name);
    if (known !== undefined) return known;
    const stage = stages.get(name);
    // A stage that is not in the file is a published base image, without our files.
    if (stage === undefined) return { folder: "", environment: {}, command: [], healthCommand: [], user: "root" };
    const base = build(stage.base);
    const folder = join(root, name);
    mkdirSync(folder);
    if (base.folder !== "") linkContents(base.folder, folder);
    let image: Image = { ...base, folder };
    for (const instruction of stage.instructions) image = execute(instruction, image);
    built.set(name, image);
    return image;
  }

  function execute(instruction: Instruction, image: Image): Image {
    const words = wordsOf(instruction);
    switch (instruction.getKeyword()) {
      case "COPY":
        copy(copiedFrom.get(lineOf(instruction)), words, image.folder);
        return image;
      case "RUN":
        run(instruction.getRawArgumentsContent() ?? "", image.folder);
        return image;
      case "ENV":
        return { ...image, environment: { ...image.environment, ...Object.fromEntries(words.map(splitPair)) } };
      case "USER":
        return { ...image, user: words[0] ?? "" };
      case "ENTRYPOINT":
      case "CMD":
        return { ...image, command: [...image.command, ...JSON.parse(words.join(" "))] };
      case "HEALTHCHECK":
        return { ...image, healthCommand: JSON.parse(words.slice(1).join(" ")) };
      case "ARG":
      case "WORKDIR":
      case "LABEL":
      case "EXPOSE":
      case "STOPSIGNAL":
        return image;
      default:
        throw new Error(`this test does not know ${instruction.getKeyword()}`);
    }
  }

  function copy(from: unknown, [source = "", destination = ""]: readonly string[], folder: string): void {
    if (typeof from === "string") {
      linkContents(build(from).folder, join(folder, destination));
      return;
    }
    const files = source === "." ? context : context.filter((path) => path.startsWith(`${source}/`));
    if (files.length === 0) throw new Error(`.dockerignore leaves nothing of ${source}`);
    for (const path of files) {
      const place = join(folder, destination, source === "." ? path : path.slice(source.length + 1));
      mkdirSync(dirname(place), { recursive: true });
      cpSync(join(projectFolder, path), place);
    }
  }
  return build;
}

function linkContents(from: string, to: string): void {
  execFileSync("cp", ["-a", "-l", "-f", `${from}/.`, to]);
}

function run(command: string, folder: string): void {
  // Modules of earlier runs are in npm's cache; asking the registry about each takes longer than linking them.
  const env = { ...process.env, npm_config_prefer_offline: "true", npm_config_loglevel: "error" };
  const PATH = [join(projectFolder, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  execFileSync("sh", ["-ec", command.replaceAll("\\\n", " ")], { cwd: folder, env: { ...env, PATH }, stdio: "pipe" });
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** Every path below a folder with its size, to show that nothing was written. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => `${path} ${lstatSync(join(folder, path)).size}`);
}
