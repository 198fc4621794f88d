//! What the client's failures mean, by the words that it has for them.

use super::{Changelist, DepotError};

/// Nobody is let in, or not everywhere. `p4 login` and a group's rights are a person's to mend.
const DENIED: [&str; 8] = [
    "password invalid",
    "(p4passwd) invalid or unset",
    "session has expired",
    "please login",
    "don't have permission",
    "access for user",
    "not been authorized",
    "the authenticity of",
];

const UNREACHABLE: [&str; 9] = [
    "connect to server failed",
    "connection refused",
    "connection reset",
    "connection timed out",
    "no route to host",
    "network is unreachable",
    "partner exited unexpectedly",
    "name or service not known",
    "temporary failure in name resolution",
];

/// What a client says that ended with another code than 0.
pub(super) fn of(changelist: Changelist, said: &[u8], code: Option<i32>) -> DepotError {
    let said = String::from_utf8_lossy(said).to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if said.contains("no such changelist") {
        DepotError::NoSuchChange(changelist)
    } else if any(&DENIED) {
        DepotError::Denied
    } else if any(&UNREACHABLE) {
        DepotError::Unreachable
    } else {
        DepotError::Failed { code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_says_is_told_apart() {
        let changelist = Changelist::new(4711).unwrap();
        let of = |said: &str| of(changelist, said.as_bytes(), Some(1));
        assert_eq!(
            of("4711 - no such changelist.\n"),
            DepotError::NoSuchChange(changelist)
        );
        for said in [
            "Perforce password (P4PASSWD) invalid or unset.",
            "Your session has expired, please login again.",
            "You don't have permission for this operation.",
            "Access for user 'ada' has not been enabled by 'p4 protect'.",
            "The authenticity of '10.0.0.1:1666' can't be established,",
        ] {
            assert_eq!(of(said), DepotError::Denied, "{said}");
        }
        for said in [
            "Perforce client error:\n\tConnect to server failed; check $P4PORT.\n\tTCP connect to depot:1666 failed.\n",
            "\tTCP receive failed.\n\tread: socket: Connection reset by peer\n",
            "\tconnect: depot:1666: Connection refused",
            "Partner exited unexpectedly.",
        ] {
            assert_eq!(of(said), DepotError::Unreachable, "{said}");
        }
        assert_eq!(
            of("Operation took too long."),
            DepotError::Failed { code: Some(1) }
        );
        assert_eq!(of("\u{fffd}"), DepotError::Failed { code: Some(1) });
    }
}
