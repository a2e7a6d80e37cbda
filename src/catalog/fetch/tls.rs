//! Whom to trust: takes files with certificates, gives the configuration of encrypted connections
//! with the system's authorities and these, never trusts without checking.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::credentials::TlsFiles;
use super::error::FetchError;

/// Returns the system's authorities; `SSL_CERT_FILE` and `SSL_CERT_DIR` are obeyed. Where there are
/// none, no server is trusted, which its connection then tells.
fn system() -> &'static RootCertStore {
    static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        store
    })
}

/// Returns a configuration that trusts the system's authorities and those of the files.
pub(super) fn configuration(
    files: &TlsFiles,
    extra: Option<&Path>,
) -> Result<ClientConfig, FetchError> {
    let mut store = system().clone();
    for path in files.authorities.as_deref().into_iter().chain(extra) {
        let wrong = |cause: String| FetchError::File {
            path: path.display().to_string(),
            cause,
        };
        let certificates = certificates(path)?;
        if certificates.is_empty() {
            return Err(wrong("it holds no certificate".to_owned()));
        }
        for certificate in certificates {
            store
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Configuration {
            file: "the encryption".to_owned(),
            cause: error.to_string(),
        })?
        .with_root_certificates(store);
    let Some((certificate, key)) = &files.identity else {
        return Ok(builder.with_no_client_auth());
    };
    // What is wrong with a key is told without what the reader saw of it.
    let private = PrivateKeyDer::from_pem_file(key).map_err(|_| FetchError::File {
        path: key.display().to_string(),
        cause: "it holds no private key".to_owned(),
    })?;
    builder
        .with_client_auth_cert(certificates(certificate)?, private)
        .map_err(|error| FetchError::File {
            path: certificate.display().to_string(),
            cause: error.to_string(),
        })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FetchError> {
    let wrong = |cause: String| FetchError::File {
        path: path.display().to_string(),
        cause,
    };
    CertificateDer::pem_file_iter(path)
        .map_err(|error| wrong(error.to_string()))?
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_files_are_named_and_not_quoted() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ca.pem");
        let files = TlsFiles {
            authorities: Some(path.clone()),
            identity: None,
        };
        let error = |files: &TlsFiles| {
            let error = configuration(files, None).expect_err("unusable");
            let text = format!("{error} {error:?}");
            assert!(!text.contains("hunter2"), "{text}");
            text
        };
        assert!(error(&files).contains("ca.pem"));
        std::fs::write(&path, "hunter2").expect("a file");
        assert!(error(&files).contains("holds no certificate"));
        std::fs::write(
            &path,
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
        )
        .expect("a file");
        let identity = TlsFiles {
            authorities: None,
            identity: Some((path.clone(), path)),
        };
        assert!(error(&identity).contains("ca.pem"));
        assert!(configuration(&TlsFiles::default(), None).is_ok());
    }
}
