//! Certificates: takes names, days and keys, gives certificates with their keys in PEM, as Sprig
//! makes them: RSA keys of 2048 bits, for servers and clients.

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{Call, FunctionError, FunctionTable, Host, Parameter, Signature, Value};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::EncodePrivateKey as _;

use super::arguments::{TEXT_TEXT, any, int, items, text};
use super::crypto::{pkcs1_pem, random, rsa_key};

const CERTIFICATE: Parameter = Parameter::Host("sprig.certificate");
const SECONDS_A_DAY: i64 = 86_400;

pub(super) fn register(table: &mut FunctionTable) {
    let signature = Signature::fixed(&[Parameter::String, Parameter::Int]);
    table.register("genCA", signature, |call, a| {
        authority(call, a, &Key::new(call)?)
    });
    let signature = Signature::fixed(&[Parameter::String, Parameter::Int, Parameter::String]);
    table.register("genCAWithKey", signature, |call, a| {
        authority(call, a, &Key::given(&text(a, 2))?)
    });
    let signature = Signature::fixed(&[
        Parameter::String,
        Parameter::List,
        Parameter::List,
        Parameter::Int,
    ]);
    table.register("genSelfSignedCert", signature, |call, a| {
        self_signed(call, a, &Key::new(call)?)
    });
    let signature = Signature::fixed(&[
        Parameter::String,
        Parameter::List,
        Parameter::List,
        Parameter::Int,
        Parameter::String,
    ]);
    table.register("genSelfSignedCertWithKey", signature, |call, a| {
        self_signed(call, a, &Key::given(&text(a, 4))?)
    });
    let signature = Signature::fixed(&[
        Parameter::String,
        Parameter::List,
        Parameter::List,
        Parameter::Int,
        CERTIFICATE,
    ]);
    table.register("genSignedCert", signature, |call, a| {
        signed(call, a, &Key::new(call)?)
    });
    let signature = Signature::fixed(&[
        Parameter::String,
        Parameter::List,
        Parameter::List,
        Parameter::Int,
        CERTIFICATE,
        Parameter::String,
    ]);
    table.register("genSignedCertWithKey", signature, |call, a| {
        signed(call, a, &Key::given(&text(a, 5))?)
    });
    table.register("buildCustomCert", TEXT_TEXT, |_, a| {
        let decoded = |index: usize, what: &str| {
            let bytes = STANDARD.decode(&*text(a, index)).ok();
            bytes
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| FunctionError::new(format!("unable to decode base64 {what}")))
        };
        let (certificate, key) = (decoded(0, "certificate")?, decoded(1, "private key")?);
        let pair = Key::given(&key)
            .map_err(|error| FunctionError::new(format!("error parsing private key: {error}")))?;
        Issuer::from_ca_cert_pem(&certificate, pair.pair)
            .map_err(|_| FunctionError::new("unable to decode certificate"))?;
        Ok(Value::host(Certificate { certificate, key }))
    });
}

/// A key with its text form.
struct Key {
    pair: KeyPair,
    pem: String,
}

impl Key {
    fn new(call: &Call<'_>) -> Result<Self, FunctionError> {
        let key = rsa_key(random(call)?, 2048)?;
        Ok(Self {
            pair: pair(&key)?,
            pem: pkcs1_pem(&key)?,
        })
    }

    fn given(pem: &str) -> Result<Self, FunctionError> {
        let invalid = |error: &dyn std::fmt::Display| {
            FunctionError::new(format!("parsing private key: {error}"))
        };
        let pair = if pem.contains("-----BEGIN RSA PRIVATE KEY-----") {
            pair(&rsa::RsaPrivateKey::from_pkcs1_pem(pem.trim()).map_err(|error| invalid(&error))?)?
        } else {
            KeyPair::from_pem(pem).map_err(|error| invalid(&error))?
        };
        Ok(Self {
            pair,
            pem: pem.to_owned(),
        })
    }
}

fn pair(key: &rsa::RsaPrivateKey) -> Result<KeyPair, FunctionError> {
    let failed = |error: &dyn std::fmt::Display| {
        FunctionError::new(format!("error creating certificate: {error}"))
    };
    let der = key.to_pkcs8_der().map_err(|error| failed(&error))?;
    KeyPair::try_from(der.as_bytes()).map_err(|error| failed(&error))
}

fn authority(call: &Call<'_>, a: &[Value], key: &Key) -> Result<Value, FunctionError> {
    let mut parameters = parameters(call, &text(a, 0), &[], int(a, 1))?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages.push(KeyUsagePurpose::KeyCertSign);
    finish(parameters.self_signed(&key.pair), key)
}

fn self_signed(call: &Call<'_>, a: &[Value], key: &Key) -> Result<Value, FunctionError> {
    let parameters = parameters(call, &text(a, 0), &names(a)?, int(a, 3))?;
    finish(parameters.self_signed(&key.pair), key)
}

fn signed(call: &Call<'_>, a: &[Value], key: &Key) -> Result<Value, FunctionError> {
    let mut parameters = parameters(call, &text(a, 0), &names(a)?, int(a, 3))?;
    parameters.use_authority_key_identifier_extension = true;
    let authority = match a.get(4) {
        Some(Value::Host(host)) => (&**host as &dyn std::any::Any).downcast_ref::<Certificate>(),
        _ => None,
    };
    let authority = authority.ok_or("unable to decode certificate")?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, Key::given(&authority.key)?.pair)
        .map_err(|_| FunctionError::new("unable to decode certificate"))?;
    finish(parameters.signed_by(&key.pair, &issuer), key)
}

fn finish(
    certificate: Result<rcgen::Certificate, rcgen::Error>,
    key: &Key,
) -> Result<Value, FunctionError> {
    let certificate = certificate
        .map_err(|error| FunctionError::new(format!("error creating certificate: {error}")))?;
    let certificate = certificate.pem().replace("\r\n", "\n");
    Ok(Value::host(Certificate {
        certificate,
        key: key.pem.clone(),
    }))
}

/// Reads the lists of addresses and of host names.
fn names(a: &[Value]) -> Result<Vec<SanType>, FunctionError> {
    let mut names = Vec::new();
    for host in items(&any(a, 2)).unwrap_or_default() {
        let Value::String(name) = &host else {
            let shown = gotemplate::format::display(&host);
            return Err(FunctionError::new(format!(
                "error processing alternate dns name: {shown} is not a string"
            )));
        };
        let name = name.to_str().into_owned();
        names.push(SanType::DnsName(name.as_str().try_into().map_err(
            |_| {
                FunctionError::new(format!(
                    "error creating certificate: {name:?} is no host name"
                ))
            },
        )?));
    }
    for address in items(&any(a, 1)).unwrap_or_default() {
        let Value::String(text) = &address else {
            let shown = gotemplate::format::display(&address);
            return Err(FunctionError::new(format!(
                "error parsing ip: {shown} is not a string"
            )));
        };
        let parsed: IpAddr = text
            .to_str()
            .parse()
            .map_err(|_| FunctionError::new(format!("error parsing ip: {text}")))?;
        names.push(SanType::IpAddress(parsed));
    }
    Ok(names)
}

fn parameters(
    call: &Call<'_>,
    name: &str,
    names: &[SanType],
    days: i64,
) -> Result<CertificateParams, FunctionError> {
    let context = random(call)?;
    let (now, _) = context.now();
    let moment = |seconds: i64| {
        time::OffsetDateTime::from_unix_timestamp(seconds)
            .map_err(|error| FunctionError::new(format!("error creating certificate: {error}")))
    };
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.subject_alt_names = names.to_vec();
    parameters.serial_number = Some(SerialNumber::from_slice(&context.bytes(16)?));
    parameters.not_before = moment(now)?;
    parameters.not_after = moment(now.saturating_add(days.saturating_mul(SECONDS_A_DAY)))?;
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::DigitalSignature,
    ];
    parameters.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    Ok(parameters)
}

/// A certificate with its key, as templates see it.
#[derive(Debug)]
struct Certificate {
    certificate: String,
    key: String,
}

impl Host for Certificate {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("sprig.certificate")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(self.certificate.as_str().into()),
            "Key" => Some(self.key.as_str().into()),
            _ => None,
        }
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![
            ("Cert", self.certificate.as_str().into()),
            ("Key", self.key.as_str().into()),
        ])
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        self.fields()
    }
}
