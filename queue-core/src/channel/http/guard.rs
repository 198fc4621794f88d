//! To whom a channel may speak.
//!
//! Recipients come from customers, and customers must not reach what only we can: the metadata of the cloud,
//! databases, the loopback. A name says nothing about that, and what it resolved to when it was registered
//! says nothing about what it resolves to now. So each connection is checked when it is made, and made to
//! the very address that was checked.

use std::net::IpAddr;

use url::{Host, Url};

use super::Network;
use super::address::special;

/// A target that must not be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Forbidden(String);

/// What is allowed beyond public addresses over https.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    pub(super) allowed: Vec<Network>,
    pub(super) cleartext: bool,
}

impl Guard {
    /// Checks what a URL itself tells. Addresses in it never come by a resolver; `url` has already brought
    /// every spelling of them (octal, decimal, short, with a dot at the end) into one.
    pub(super) fn check(&self, url: &Url) -> Result<(), Forbidden> {
        match url.scheme() {
            "https" => {}
            "http" if self.cleartext => {}
            "http" => return forbidden("http is not encrypted, and not allowed here: write https"),
            _ => return forbidden("only https is spoken here"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return forbidden("the URL has a name or a password before its host: leave them out");
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.permit(address.into()),
            Some(Host::Ipv6(address)) => self.permit(address.into()),
            Some(Host::Domain(name)) if !name.is_empty() => Ok(()),
            _ => forbidden("the URL has no host"),
        }
    }

    /// Checks an address.
    pub(super) fn permit(&self, address: IpAddr) -> Result<(), Forbidden> {
        match special(address) {
            Some(what) if !self.allowed.iter().any(|net| net.contains(address)) => Err(Forbidden(
                format!("{address} is {what}: to speak to it, allow its network"),
            )),
            _ => Ok(()),
        }
    }
}

fn forbidden(problem: &str) -> Result<(), Forbidden> {
    Err(Forbidden(problem.to_owned()))
}
