//! TLS on ring, with the platform's roots and those that are added.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use super::InvalidHttp;

/// The settings of a client. The provider is named: with two in one build, rustls would not choose.
pub(super) fn settings(extra_roots: &[Vec<u8>]) -> Result<ClientConfig, InvalidHttp> {
    let mut roots = Vec::new();
    for pem in extra_roots {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| {
                InvalidHttp::new(format!("a root certificate is no PEM: {error}"))
            })?;
            roots.push(certificate);
        }
        if roots.len() == before {
            return Err(InvalidHttp::new(
                "a file of root certificates has none: write PEM, with BEGIN CERTIFICATE",
            ));
        }
    }
    let provider = Arc::new(default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(|error| {
        InvalidHttp::new(format!(
            "there are no root certificates to trust ({error}): install the package ca-certificates, or \
             name a file with HttpOptions::root"
        ))
    })?;
    let settings = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidHttp::new(format!("TLS: {error}")))?;
    let mut settings = settings
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // Settings that are handed over ready have to offer it themselves.
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(settings)
}
