//! Certificates: takes names, days and keys, gives certificates with their keys in PEM, as Sprig
//! makes them: RSA keys of 2048 bits unless a key is given, for servers and clients.
//!
//! Source: Sprig's `crypto.go`.

use std::borrow::Cow;
use std::net::IpAddr;

use gotemplate::{Call, FunctionError, FunctionTable, Host, Parameter, Signature, Value};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _, SanType, SerialNumber,
};

use super::arguments::{TEXT_TEXT, any, bytes, int, items, text};
use super::crypto::random;
use super::encoding::decode_base64;
use super::keys::{PrivateKey, pem_block};

const CERTIFICATE: Parameter = Parameter::Host("sprig.certificate");
const SECONDS_A_DAY: i64 = 86_400;

/// A name, days, a key. Where the key is to be made, the functions take all but the last.
const AUTHORITY: &[Parameter] = &[Parameter::String, Parameter::Int, Parameter::String];
/// A name, addresses, host names, days, a key.
const SELF_SIGNED: &[Parameter] = &[
    Parameter::String,
    Parameter::List,
    Parameter::List,
    Parameter::Int,
    Parameter::String,
];
/// A name, addresses, host names, days, who signs, a key.
const SIGNED: &[Parameter] = &[
    Parameter::String,
    Parameter::List,
    Parameter::List,
    Parameter::Int,
    CERTIFICATE,
    Parameter::String,
];

pub(super) fn register(table: &mut FunctionTable) {
    table.register("genCA", Signature::fixed(&AUTHORITY[..2]), |call, a| {
        authority(call, a, &Key::new(call)?)
    });
    table.register("genCAWithKey", Signature::fixed(AUTHORITY), |call, a| {
        authority(call, a, &Key::given(&text(a, 2))?)
    });
    let signature = Signature::fixed(&SELF_SIGNED[..4]);
    table.register("genSelfSignedCert", signature, |call, a| {
        self_signed(call, a, &Key::new(call)?)
    });
    let signature = Signature::fixed(SELF_SIGNED);
    table.register("genSelfSignedCertWithKey", signature, |call, a| {
        self_signed(call, a, &Key::given(&text(a, 4))?)
    });
    table.register(
        "genSignedCert",
        Signature::fixed(&SIGNED[..5]),
        |call, a| signed(call, a, &Key::new(call)?),
    );
    let signature = Signature::fixed(SIGNED);
    table.register("genSignedCertWithKey", signature, |call, a| {
        signed(call, a, &Key::given(&text(a, 5))?)
    });
    table.register("buildCustomCert", TEXT_TEXT, |_, a| {
        let decoded = |index: usize, what: &str| {
            decode_base64(bytes(a, index))
                .ok()
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .ok_or_else(|| FunctionError::new(format!("unable to decode base64 {what}")))
        };
        let (certificate, key) = (decoded(0, "certificate")?, decoded(1, "private key")?);
        let der = certificate_der(&certificate)?;
        // Any key will do to see whether this is a certificate.
        let any_key = PrivateKey::Ed25519(vec![1; 32]).pair()?;
        Issuer::from_ca_cert_der(&der.into(), any_key)
            .map_err(|_| malformed("decodedCert.Bytes"))?;
        PrivateKey::parse(&key)
            .map_err(|why| FunctionError::new(format!("error parsing private key: {why}")))?;
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
        Self::of(&PrivateKey::rsa(random(call)?, 2048)?)
    }

    fn given(pem: &str) -> Result<Self, FunctionError> {
        let key = PrivateKey::parse(pem)
            .map_err(|why| FunctionError::new(format!("parsing private key: {why}")))?;
        Self::of(&key)
    }

    fn of(key: &PrivateKey) -> Result<Self, FunctionError> {
        Ok(Self {
            pair: key.pair()?,
            pem: key.pem()?,
        })
    }
}

/// Takes a certificate out of its PEM text.
fn certificate_der(pem: &str) -> Result<Vec<u8>, FunctionError> {
    pem_block(pem)
        .map(|(_, der)| der)
        .ok_or_else(|| "unable to decode certificate".into())
}

fn malformed(what: &str) -> FunctionError {
    FunctionError::new(format!(
        "error parsing certificate: {what}: x509: malformed certificate"
    ))
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
    let der = certificate_der(&authority.certificate)?;
    let signer = PrivateKey::parse(&authority.key)
        .map_err(|why| FunctionError::new(format!("error parsing private key: {why}")))?
        .pair()?;
    let public = signer.subject_public_key_info();
    let holds_key = der.windows(public.len()).any(|part| part == public);
    let issuer = Issuer::from_ca_cert_der(&der.into(), signer)
        .map_err(|_| malformed("decodedSignerCert.Bytes"))?;
    if !holds_key {
        return Err(
            "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey"
                .into(),
        );
    }
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
