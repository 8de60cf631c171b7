// A self-signed certificate for receiver.test, valid from 2020 to 2120, made with `openssl ca -selfsign`. The key is
// public and protects nothing.
export const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeUXXM8l8sks/La8g
9fIds39uny9OvHu8iztu9nJjl82hRANCAASbV5C5nL9uScxiLFcEykTF6nCxEIpt
CFVs2J7+9s8XxH6pM9F48ShmsIxeR1yd2USEDKSxSzmuKziLdlvMjkvB
-----END PRIVATE KEY-----`;

export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1yZWNlaXZl
ci50ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1yZWNlaXZlci50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm1eQ
uZy/bknMYixXBMpExepwsRCKbQhVbNie/vbPF8R+qTPRePEoZrCMXkdcndlEhAyk
sUs5ris4i3ZbzI5LwaNMMEowDwYDVR0TAQH/BAUwAwEB/zAYBgNVHREEETAPgg1y
ZWNlaXZlci50ZXN0MB0GA1UdDgQWBBSvSDEtORtWPGr75ZYuD1NUMVg9sDAKBggq
hkjOPQQDAgNIADBFAiEAovwgzR3wWt99Nht3v622f+Z+ISRSxvPkfEOaYv2RN5wC
IFejPGqm6gAqdVNKwQWayN+PBl1jjs+C+OhKQ51xfa5B
-----END CERTIFICATE-----`;
