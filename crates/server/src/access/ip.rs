//! The scheme `ip`: an address, or a network in CIDR form (`IPAuthenticationProvider.java`), also for IPv6, which
//! ZooKeeper knows since 3.9 only: before, it refuses such a list.

use std::net::IpAddr;

/// Whether an identity is an address or a network.
pub(super) fn is_well_formed(id: &str) -> bool {
    parse(id).is_some()
}

/// Whether the address `who` lies in the network `id`.
pub(super) fn matches(who: &str, id: &str) -> bool {
    let (Ok(who), Some((network, bits))) = (who.parse::<IpAddr>(), parse(id)) else {
        return false;
    };
    match (who, network) {
        (IpAddr::V4(who), IpAddr::V4(network)) => {
            let differing = u32::from(who) ^ u32::from(network);
            bits == 0 || differing >> (32 - bits) == 0
        }
        (IpAddr::V6(who), IpAddr::V6(network)) => {
            let differing = u128::from(who) ^ u128::from(network);
            bits == 0 || differing >> (128 - bits) == 0
        }
        _ => false,
    }
}

/// An address as Java shows it (`InetAddress.getHostAddress`): nothing of an IPv6 address is left out.
pub(super) fn shown(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|segment| format!("{segment:x}")).join(":"),
    }
}

fn parse(id: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match id.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (id, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        Some(bits) => bits.parse().ok()?,
        None => width,
    };
    (bits <= width).then_some((address, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_only() {
        assert!(matches("10.1.2.3", "10.0.0.0/8"));
        assert!(!matches("11.1.2.3", "10.0.0.0/8"));
        assert!(matches("10.1.2.3", "10.1.2.3"));
        assert!(!matches("10.1.2.4", "10.1.2.3"));
        assert!(matches("1.2.3.4", "0.0.0.0/0"));
        assert!(matches("fe80::1", "fe80::/16"));
        assert!(!matches("::1", "0.0.0.0/0"));
    }

    #[test]
    fn an_address_is_shown_as_java_shows_it() {
        let loopback = shown(std::net::Ipv6Addr::LOCALHOST.into());
        assert_eq!(loopback, "0:0:0:0:0:0:0:1");
        assert!(matches(&loopback, "::1") && matches(&loopback, "::/64") && !matches(&loopback, "::/128"));
        assert_eq!(shown([127, 0, 0, 1].into()), "127.0.0.1");
    }

    #[test]
    fn nonsense_is_refused() {
        for id in ["", "localhost", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(!is_well_formed(id), "{id}");
        }
    }
}
