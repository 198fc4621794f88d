//! TLS on ring, with the roots that the platform trusts.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls_platform_verifier::BuilderVerifierExt;

use super::InvalidModel;

/// The settings of a client. The provider is named: a process in which others bring one of their own has two, and
/// rustls would not choose.
pub(super) fn settings() -> Result<ClientConfig, InvalidModel> {
    let trust = |error: rustls::Error| {
        InvalidModel::new(format!(
            "there are no root certificates to trust ({error}): install the package ca-certificates"
        ))
    };
    let mut settings = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidModel::new(format!("TLS: {error}")))?
        .with_platform_verifier()
        .map_err(trust)?
        .with_no_client_auth();
    // Settings that are handed over ready have to offer it themselves.
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(settings)
}
