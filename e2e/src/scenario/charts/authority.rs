//! An authority of the run's own: gives its certificate and one for a server of this machine, both as
//! files. Nobody outside the run trusts it, and its key is never written.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::error::{ChartsError, write};

/// The files that a server and its clients need.
#[derive(Debug)]
pub(super) struct Authority {
    /// The authority's certificate, which clients trust.
    pub(super) certificate: PathBuf,
    /// The server's certificate.
    pub(super) server_certificate: PathBuf,
    /// The server's key.
    pub(super) server_key: PathBuf,
}

impl Authority {
    /// Makes an authority, and a certificate for `localhost` and the loopback address.
    pub(super) fn new(folder: &Path, name: &str) -> Result<Self, ChartsError> {
        let authority = Self {
            certificate: folder.join("authority.pem"),
            server_certificate: folder.join("server.pem"),
            server_key: folder.join("server.key"),
        };
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let own = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);

        let server = KeyPair::generate()?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names)?.signed_by(&server, &issuer)?;
        write(&authority.certificate, own.pem())?;
        write(&authority.server_certificate, certificate.pem())?;
        write(&authority.server_key, server.serialize_pem())?;
        Ok(authority)
    }
}
