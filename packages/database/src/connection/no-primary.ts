/** How messages begin that say why none of several servers can be used. */
export const noPrimary = "no server takes writes";
