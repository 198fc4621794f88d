//! Signatures of Standard Webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SigningSecret;

/// The value of `webhook-signature`: one signature for each secret. A receiver that knows any of them is
/// content, which is how secrets are rotated.
pub(super) fn header(secrets: &[SigningSecret], id: &str, seconds: u64, body: &[u8]) -> String {
    let mut value = String::new();
    for secret in secrets {
        if !value.is_empty() {
            value.push(' ');
        }
        value.push_str("v1,");
        STANDARD.encode_string(sign(secret.bytes(), id, seconds, body), &mut value);
    }
    value
}

fn sign(key: &[u8], id: &str, seconds: u64, body: &[u8]) -> Vec<u8> {
    // A key may be of any length, so that there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in [
        id.as_bytes(),
        b".",
        seconds.to_string().as_bytes(),
        b".",
        body,
    ] {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signed = |secrets: &[_]| {
            let body = br#"{"test": 2432232314}"#;
            header(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
        };
        let published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed(std::slice::from_ref(&secret)), published);
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let both = signed(&[other, secret]);
        assert!(
            both.starts_with("v1,") && both.ends_with(&format!(" {published}")),
            "{both}"
        );
    }
}
