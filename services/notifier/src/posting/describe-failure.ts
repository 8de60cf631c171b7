// Says in general words why there was no answer. The endpoint's owner sees it, so it has no address and no name: the
// system's own messages tell what a name resolves to in this network, and what listens there.

const network: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|ETIMEOUT|EAI_.*)$/, "its host name could not be resolved"],
  [/^ECONNREFUSED$/, "the connection was refused"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/, "the connection broke"],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT)$/, "the host could not be reached"],
  [/^HPE_HEADER_OVERFLOW$/, "the answer's headers are too long"],
  [/^HPE_/, "the answer is not HTTP"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "the certificate is not for this host name"],
  [/^CERT_HAS_EXPIRED$/, "the certificate has expired"],
  [/^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_)/, "the certificate is not trusted"],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, "no TLS connection could be agreed on"],
];

const unknown = "the connection was closed without a complete answer";

/** @param error of a request, of its socket or of the DNS */
export function describeFailure(error: unknown): string {
  // For a host with several addresses; the reasons are mostly the same.
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return network.find(([codes]) => codes.test(code))?.[1] ?? unknown;
}
