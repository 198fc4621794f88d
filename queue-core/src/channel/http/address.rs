//! Which addresses are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const fn v4(a: u8, b: u8, c: u8, d: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, d)
}

const fn v6(a: u16, b: u16, c: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)
}

/// IANA's special-purpose registry for IPv4, and what clouds have put into public space.
const SPECIAL_V4: &[(Ipv4Addr, u32, &str)] = &[
    (v4(0, 0, 0, 0), 8, "of this network"),
    (v4(10, 0, 0, 0), 8, "private"),
    (v4(100, 64, 0, 0), 10, "shared behind a carrier's NAT"),
    (v4(127, 0, 0, 0), 8, "of this host"),
    (v4(169, 254, 0, 0), 16, "link-local"),
    (v4(172, 16, 0, 0), 12, "private"),
    (v4(192, 0, 0, 0), 24, "for protocols"),
    (v4(192, 0, 2, 0), 24, "for documentation"),
    (v4(192, 88, 99, 0), 24, "a 6to4 relay"),
    (v4(192, 168, 0, 0), 16, "private"),
    (v4(198, 18, 0, 0), 15, "for benchmarks"),
    (v4(198, 51, 100, 0), 24, "for documentation"),
    (v4(203, 0, 113, 0), 24, "for documentation"),
    (v4(224, 0, 0, 0), 4, "multicast"),
    // With broadcast at its end.
    (v4(240, 0, 0, 0), 4, "reserved"),
    // Azure answers its machines here, with what only they may know.
    (v4(168, 63, 129, 16), 32, "a cloud's own"),
];

/// What is special inside 2000::/3, the only space that is given out.
const SPECIAL_V6: &[(Ipv6Addr, u32, &str)] = &[
    // Teredo, which wraps any IPv4 address, ORCHID, benchmarks; what is public here takes no requests.
    (v6(0x2001, 0, 0), 23, "for protocols"),
    (v6(0x2001, 0xdb8, 0), 32, "for documentation"),
    // Wraps any IPv4 address.
    (v6(0x2002, 0, 0), 16, "6to4"),
    (v6(0x3fff, 0, 0), 20, "for documentation"),
];

/// Whether an address is one that anybody can reach: not private, local, reserved, nor a wrapping of such.
///
/// ```
/// use queue_core::channel::is_global;
/// assert!(is_global("93.184.216.34".parse().unwrap()));
/// for inside in ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::ffff:10.1.2.3", "fd00:ec2::254"] {
///     assert!(!is_global(inside.parse().unwrap()), "{inside}");
/// }
/// ```
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    special(address).is_none()
}

/// What an address is, if it is not public.
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let shared = |prefix: Ipv4Addr| (prefix.to_bits() ^ address.to_bits()).leading_zeros();
    let found = SPECIAL_V4
        .iter()
        .find(|(prefix, length, _)| shared(*prefix) >= *length);
    found.map(|(_, _, what)| *what)
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    // NAT64: where there is no IPv4, names of IPv4 hosts resolve to these. They are what they wrap.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        return special_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    }
    // Everything else wraps, is local or belongs to nobody: loopback, ::ffff:0:0/96, 64:ff9b:1::/48,
    // fc00::/7, fe80::/10, fec0::/10, ff00::/8, …
    if address
        .segments()
        .first()
        .is_none_or(|first| first >> 13 != 1)
    {
        return Some("not public");
    }
    let shared = |prefix: Ipv6Addr| (prefix.to_bits() ^ address.to_bits()).leading_zeros();
    let found = SPECIAL_V6
        .iter()
        .find(|(prefix, length, _)| shared(*prefix) >= *length);
    found.map(|(_, _, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 \
        126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 \
        172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.255 192.167.255.255 192.169.0.0 198.17.255.255 \
        198.20.0.0 198.51.99.255 203.0.112.255 203.0.114.0 223.255.255.255 \
        2000:: 2001:200::1 2001:db7:ffff::1 2001:db9::1 2001:4860:4860::8888 2003::1 2606:4700::1111 \
        3ffe:ffff::1 3fff:1000::1 64:ff9b::8.8.8.8";

    const NOT_PUBLIC: &str = "0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 \
        100.127.255.255 127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 \
        169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.192 192.0.2.1 192.88.99.1 \
        192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 \
        239.255.255.255 240.0.0.1 255.255.255.255 \
        :: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 \
        ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 \
        64:ff9b:0:0:0:1:808:808 64:ff9b:1::8.8.8.8 64:ff9b:1:ffff::1 100::1 2001:: 2001::7f00:1 \
        2001:2::1 2001:10::1 2001:1ff:ffff::1 2001:db8::1 2001:db8:ffff::1 2002:7f00:1:: \
        2002:a9fe:a9fe:: 2002:808:808::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 \
        fdff::1 fe80::1 fe80::1:2 febf::1 fec0::1 ff02::1 ff0e::1";

    #[test]
    fn what_lies_on_either_side_of_each_border_is_told_apart() {
        for text in PUBLIC.split_whitespace() {
            assert_eq!(special(text.parse().unwrap()), None, "{text}");
        }
        for text in NOT_PUBLIC.split_whitespace() {
            assert!(!is_global(text.parse().unwrap()), "{text}");
        }
    }
}
