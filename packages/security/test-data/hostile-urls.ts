/**
 * For tests: URLs that no endpoint may have where webhooks go to the public internet alone. Each would reach this machine,
 * its network or a cloud's metadata service, or is read differently by different readers.
 */
export const hostileUrls: readonly string[] = [
  // This machine, in every notation that a URL parser knows.
  ...["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.0.0.1", "0x7f.1", "017700000001"],
  ...["0177.0.0.1", "00000177.1", "127.0.0.1.", "127.0.0.1..", "127.255.255.254", "0.0.0.0", "0", "0.1.2.3"],
  ...["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]", "[::127.0.0.1]"],
  // Ways around: NAT64, 6to4, Teredo, IPv4-translated.
  ...["[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"],
  ...["[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[::ffff:0:7f00:1]"],
  // Networks that are not public.
  ...["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"],
  ...["192.0.0.1", "192.0.0.192", "192.88.99.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255"],
  ...["240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.7", "203.0.113.9", "[fd00::1]", "[fc00::1]"],
  ...["[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[3fff::1]", "[5f00::1]"],
  ...["[4000::1]", "[2001:2::1]"],
  // Metadata services.
  ...["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]"],
  ...["169.254.170.2", "168.63.129.16", "[fd00:ec2::254]", "[fd20:ce::254]", "100.100.100.200"],
  // Names that lead inwards.
  ...["localhost", "LOCALHOST", "localhost.", "localhost..", "a.localhost", "a.b.localhost.", "printer.local"],
  ...["metadata.google.internal", "nas.lan", "router.home.arpa", "intranet", "kubernetes", "a..local.."],
  // Characters that become others.
  ...[
    "127。0。0。1",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "ｌocalhost",
    "local\u00adhost",
  ],
  ...["[::１]", "[::1%25lo]", "[fe80::1%25eth0]"],
]
  .map((host) => `https://${host}/hook`)
  .concat(
    // Other schemes, and none.
    ...[
      "http://example.com/",
      "HTTP://example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "javascript:alert(1)",
    ],
    ...[
      "data:text/plain,x",
      "ws://example.com/",
      "wss://example.com/",
      "gopher://example.com/",
      "blob:https://a.com/x",
    ],
    ...["//example.com/", "/hook", "example.com", "example.com:443", "", "https:", "https://", "https:///", "null"],
    // What is sent must be what was read.
    ...["https://user@example.com/", "https://user:password@example.com/", "https://:p@example.com/"],
    ...["https://example.com@127.0.0.1/", "https://127.0.0.1@example.com/", "https://example.com/#part"],
    ...[
      "https://example.com\\@127.0.0.1/",
      "https:\\\\example.com\\",
      "https://exam\tple.com/",
      "https://example.com/\n",
    ],
    ...[" https://example.com/", "https://example.com/ ", "https://example.com/a b", "https://example.com/\u0000"],
    ...[
      "https://exa\u0000mple.com/",
      "https://127.0.0.1\u2028/",
      "https://example.com/\u0085",
      "https://exam ple.com/",
    ],
    ...["https://example.com:99999/", "https://example.com:port/", "https://a<b.com/", "https://[::1/", "https://::1/"],
    ...["https://256.256.256.256/", "https://1.2.3.4.5/", "https://0x100000000/", "https://999999999999/"],
    ...[`https://example.com/${"a".repeat(2_048)}`, `https://example.com/${"ü".repeat(1_000)}`],
  );
