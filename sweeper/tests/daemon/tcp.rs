//! Health and metrics from a port.

use std::net::SocketAddr;

use crate::harness::{Place, Running, get_from, output};

/// On a port that the system chooses, and where that is.
fn served(place: &Place) -> (Running, SocketAddr) {
    let mut program = place.program();
    program.env("LEASEHOLD_HTTP_LISTEN", "127.0.0.1:0");
    let daemon = Running::start(program);
    let line = daemon.hears("serving health and metrics");
    let (_, place) = line.split_once("listen=").unwrap();
    let address = place.trim_matches(['"', ' ']).parse().unwrap();
    daemon.hears("every loop has had its first pass");
    (daemon, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_served_from_a_port_of_this_machine() {
    for place in [Place::sqlite().await, Place::postgres().await] {
        let (_daemon, address) = served(&place);
        assert!(address.ip().is_loopback() && address.port() != 0);
        for (path, part) in [
            ("/livez", "alive"),
            ("/readyz", "ready"),
            ("/healthz", "\"status\":\"ok\""),
            ("/metrics", "leasehold_build_info"),
        ] {
            let (status, body) = get_from(address, path);
            assert_eq!(status, 200, "{path}: {body}");
            assert!(body.contains(part), "{path}: {body}");
        }
        assert_eq!(get_from(address, "/helthz").0, 404);
        assert!(!place.socket().exists(), "nothing else is served from");

        // A port that is taken is no reason to serve from nowhere.
        let mut second = place.program();
        second.env("LEASEHOLD_HTTP_LISTEN", address.to_string());
        let (code, _, wrong) = output(&mut second);
        assert_eq!(code, 78, "{wrong}");
        let wanted = format!("nothing can listen on {address}");
        assert!(wrong.contains(&wanted), "{wrong}");
    }
}
