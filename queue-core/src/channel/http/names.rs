//! From the names of hosts to addresses that may be spoken to.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::Guard;

/// Resolves the names of hosts. The host's own resolver does, unless another is given.
///
/// What it answers is checked afterwards, each time: it can be as wrong as it likes.
#[async_trait]
pub trait Names: Debug + Send + Sync + 'static {
    /// The addresses of a host.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the host resolves them.
#[derive(Debug)]
pub(super) struct HostNames;

#[async_trait]
impl Names for HostNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Resolves once for each new connection, and lets through what is permitted.
///
/// Of several addresses, those that are forbidden are left out, and the others are as good as if they had
/// come alone: nothing else is connected to. Refusing the name for them would not protect more, and it would
/// fail for good what is honest: hosts with a public and a private address, and networks that add NAT64's.
#[derive(Debug)]
pub(super) struct GuardedNames {
    pub(super) names: Arc<dyn Names>,
    pub(super) guard: Guard,
}

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, guard) = (Arc::clone(&self.names), self.guard.clone());
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            let mut permitted = Vec::with_capacity(found.len());
            let mut refusal = None;
            for address in found {
                match guard.permit(address) {
                    // Port 0 stands for the URL's.
                    Ok(()) => permitted.push(SocketAddr::new(address, 0)),
                    Err(forbidden) => refusal = Some(forbidden),
                }
            }
            match refusal {
                Some(refusal) if permitted.is_empty() => Err(refusal.into()),
                _ if permitted.is_empty() => Err("the name has no address".into()),
                _ => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::super::{Network, is_global};
    use super::*;

    #[derive(Debug)]
    struct Fixed(Vec<IpAddr>);

    #[async_trait]
    impl Names for Fixed {
        async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.clone())
        }
    }

    /// Any address, and often one of those that are easily let through.
    fn address() -> impl Strategy<Value = IpAddr> {
        let v4 = any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
        let inside = (
            prop_oneof![
                Just([10, 0]),
                Just([127, 0]),
                Just([169, 254]),
                Just([192, 168]),
                Just([100, 64])
            ],
            any::<[u8; 2]>(),
        );
        let inside = inside.prop_map(|([a, b], [c, d])| Ipv4Addr::new(a, b, c, d));
        let wrapped = (inside.clone(), 0usize..6).prop_map(|(inner, how)| {
            let bits = u128::from(inner.to_bits());
            let prefixes: [u128; 6] = [
                0,
                0xffff << 32,
                0x64_ff9b << 96,
                0x64_ff9b_0001 << 80,
                0x2002 << 112,
                0x2001 << 112,
            ];
            let bits = if how == 4 { bits << 80 } else { bits };
            IpAddr::V6(Ipv6Addr::from_bits(prefixes[how] | bits))
        });
        let v6 = any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)));
        prop_oneof![v4, inside.prop_map(IpAddr::V4), wrapped, v6]
    }

    proptest! {
        #[test]
        fn an_address_in_a_url_is_held_to_the_same(
            address in address(), allow in any::<bool>(), numeric in any::<bool>(),
        ) {
            let net: Network = "10.0.0.0/8".parse().unwrap();
            let allowed = if allow { vec![net] } else { Vec::new() };
            let guard = Guard { allowed, cleartext: false };
            let host = match address {
                IpAddr::V4(address) if numeric => address.to_bits().to_string(),
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            let url = format!("https://{host}/").parse().unwrap();
            let wanted = is_global(address) || (allow && net.contains(address));
            prop_assert_eq!(guard.check(&url).is_ok(), wanted, "{}", url);
        }

        #[test]
        fn only_what_is_public_or_allowed_is_let_through(
            found in proptest::collection::vec(address(), 0..6), allow in any::<bool>(),
        ) {
            let net: Network = "10.0.0.0/8".parse().unwrap();
            let guard = Guard { allowed: if allow { vec![net] } else { Vec::new() }, cleartext: false };
            let wanted: Vec<_> = found
                .iter()
                .copied()
                .filter(|ip| is_global(*ip) || (allow && net.contains(*ip)))
                .collect();
            let names = GuardedNames { names: Arc::new(Fixed(found)), guard };
            let resolved = futures::executor::block_on(names.resolve("a.example".parse().unwrap()));
            let resolved: Vec<_> = resolved.into_iter().flatten().map(|to| to.ip()).collect();
            prop_assert_eq!(resolved, wanted);
        }
    }
}
