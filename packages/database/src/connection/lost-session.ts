/** The messages of errors that say why a session outside of a pool was given up; a new one is opened. */
export const lostSession = {
  listeningEnded: "the listening connection ended",
  replaced: "the session is replaced: sessions of this process are read-only, as after a failover",
  locksEnded: "the session with the locks ended",
} as const;
