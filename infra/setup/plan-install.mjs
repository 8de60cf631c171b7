// @ts-check
// Decides what has to be installed before a script of package.json can run, by comparing package-lock.json with
// npm's own record of what it installed last, node_modules/.package-lock.json. So it does not matter who installed:
// this folder's script, `npm ci` or `npm install`. npm writes the record at the end, so a broken install has none.

/**
 * A package of a lockfile, as far as it matters here.
 *
 * @typedef {Readonly<{
 *   version?: string,
 *   integrity?: string,
 *   dev?: boolean,
 *   optional?: boolean,
 *   os?: readonly string[],
 *   cpu?: readonly string[],
 *   libc?: readonly string[],
 * }>} LockedPackage
 */

/** @typedef {Readonly<Record<string, LockedPackage>>} Packages packages of a lockfile, by their folders */

/**
 * @typedef {Readonly<{ os: string, cpu: string, libc: string }>} Platform as `process.platform` and `process.arch` name
 *   it; libc is `glibc`, `musl` or empty
 */

/** @typedef {"running" | "everything"} Part what running Onsale needs, or what tests, checks and benchmarks need, too */

/**
 * @typedef {Readonly<{
 *   part: Part,
 *   locked: Packages,
 *   installed: Packages,
 *   platform: Platform,
 *   hasNode: boolean,
 * }>} Facts `installed` is empty without a record; `hasNode` says whether the Node program that scripts run on is there
 */

/**
 * @typedef {Readonly<
 *   { kind: "nothing" } | { kind: "add", part: Part } | { kind: "anew", part: Part }
 * >} Plan `add` keeps what is installed, so that an Onsale which runs from it is not disturbed
 */

/**
 * @param {Facts} facts
 * @returns {Plan}
 */
export function planInstall({ part, locked, installed, platform, hasNode }) {
  const isNeeded = (/** @type {LockedPackage} */ entry) =>
    (part === "everything" || entry.dev !== true) && isExpected(entry) && fits(entry, platform);
  const needed = Object.entries(locked).filter(([folder, entry]) => isPackage(folder) && isNeeded(entry));
  if (hasNode && needed.every(([folder, entry]) => isSame(entry, installed[folder]))) return { kind: "nothing" };

  const known = Object.entries(installed).filter(([folder]) => isPackage(folder));
  const areUsable = known.every(([folder, entry]) => fits(entry, platform) && isSame(entry, locked[folder]));
  if (hasNode && known.length > 0 && areUsable) return { kind: "add", part };
  // Who had everything before package-lock.json changed gets everything again.
  const hadEverything = known.some(([, entry]) => entry.dev === true);
  return { kind: "anew", part: hadEverything ? "everything" : part };
}

/**
 * Lockfiles also have the folders of the workspaces; these are in the repository.
 *
 * @param {string} folder
 */
function isPackage(folder) {
  return folder.includes("node_modules/");
}

/**
 * An optional package that names no platform may be missing: npm leaves it out with the package that depends on it.
 *
 * @param {LockedPackage} entry
 */
function isExpected({ optional, os, cpu }) {
  return optional !== true || os !== undefined || cpu !== undefined;
}

/**
 * @param {LockedPackage} entry
 * @param {LockedPackage | undefined} other
 */
function isSame(entry, other) {
  return other !== undefined && entry.version === other.version && entry.integrity === other.integrity;
}

/**
 * Whether npm installs a package on this platform. npm leaves optional packages for other platforms out.
 *
 * @param {LockedPackage} entry
 * @param {Platform} platform
 */
function fits({ os, cpu, libc }, platform) {
  return accepts(os, platform.os) && accepts(cpu, platform.cpu) && accepts(libc, platform.libc);
}

/**
 * @param {readonly string[] | undefined} list names, or names after a "!" that are excluded
 * @param {string} name
 */
function accepts(list, name) {
  if (list === undefined) return true;
  return list.includes(name) || (list.every((item) => item.startsWith("!")) && !list.includes(`!${name}`));
}
