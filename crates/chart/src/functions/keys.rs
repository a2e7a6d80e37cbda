//! Private keys: takes random numbers or PEM text, gives keys with the PEM text that Go writes,
//! never keeps one.
//!
//! Sources: Sprig's `crypto.go` (`pemBlockForKey`, `parsePrivateKeyPEM`), Go's `crypto/x509` (the
//! forms PKCS#1, SEC 1, PKCS#8) and `crypto/dsa`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::FunctionError;
use num_bigint_dig::BigUint;
use num_bigint_dig::prime::probably_prime;
use rcgen::KeyPair;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::rand_core::{CryptoRng, Error, RngCore};

use crate::context::Context;

/// The object identifier of elliptic curve keys.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// The object identifier of the curve P-256.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// The object identifier of Ed25519.
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// A private key that certificates can be made with.
pub(super) enum PrivateKey {
    Rsa(Box<rsa::RsaPrivateKey>),
    /// SEC 1, with the curve and the public key.
    Ec(Vec<u8>),
    /// The seed.
    Ed25519(Vec<u8>),
    /// What no certificate can be made with.
    Dsa,
}

impl PrivateKey {
    /// Makes an RSA key.
    pub(super) fn rsa(context: &Context, bits: usize) -> Result<Self, FunctionError> {
        rsa::RsaPrivateKey::new(&mut Source(context), bits)
            .map(|key| Self::Rsa(Box::new(key)))
            .map_err(|error| FunctionError::new(format!("error generating rsa key: {error}")))
    }

    /// Makes a key on the curve P-256.
    pub(super) fn ec(context: &Context) -> Result<Self, FunctionError> {
        loop {
            // Numbers beyond the order of the curve are no keys; there are hardly any.
            if let Ok(key) = p256::SecretKey::from_slice(&context.bytes(32)?) {
                return Ok(Self::Ec(sec1(&key)));
            }
        }
    }

    /// Makes an Ed25519 key.
    pub(super) fn ed25519(context: &Context) -> Result<Self, FunctionError> {
        Ok(Self::Ed25519(context.bytes(32)?))
    }

    /// Reads a key as Sprig does.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (label, der) = pem_block(text).ok_or("no PEM data in input")?;
        if label == "PRIVATE KEY" {
            return Self::from_pkcs8(&der).map_err(|why| format!("decoding PEM as PKCS#8: {why}"));
        }
        let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {label}"));
        };
        match kind {
            "RSA" => rsa::RsaPrivateKey::from_pkcs1_der(&der)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| format!("parsing RSA private key from PEM: {error}")),
            "EC" => Ok(Self::Ec(der)),
            "DSA" => Ok(Self::Dsa),
            // Sprig cuts the label only to compare it.
            _ => Err(format!("invalid private key type {label}")),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, String> {
        if let Ok(key) = rsa::RsaPrivateKey::from_pkcs8_der(der) {
            return Ok(Self::Rsa(Box::new(key)));
        }
        let unknown = || "x509: PKCS#8 wrapping contained private key with unknown algorithm";
        let mut whole = Der(der).enter(0x30).ok_or_else(unknown)?;
        whole.enter(0x02).ok_or_else(unknown)?;
        let mut algorithm = whole.enter(0x30).ok_or_else(unknown)?;
        let name = algorithm.enter(0x06).ok_or_else(unknown)?;
        let mut key = whole.enter(0x04).ok_or_else(unknown)?;
        if name.0 == ED25519 {
            let seed = key.enter(0x04).ok_or_else(unknown)?;
            return Ok(Self::Ed25519(seed.0.to_vec()));
        }
        let curve = algorithm.enter(0x06);
        if name.0 == EC && curve.is_some_and(|curve| curve.0 == P256) {
            let mut inner = key.enter(0x30).ok_or_else(unknown)?;
            inner.enter(0x02).ok_or_else(unknown)?;
            let scalar = inner.enter(0x04).ok_or_else(unknown)?;
            let key = p256::SecretKey::from_slice(scalar.0).map_err(|error| error.to_string())?;
            return Ok(Self::Ec(sec1(&key)));
        }
        Err(unknown().to_owned())
    }

    /// Writes the key as Sprig does.
    pub(super) fn pem(&self) -> Result<String, FunctionError> {
        let failed = |error: &dyn std::fmt::Display| {
            FunctionError::new(format!("error pem-encoding key: {error}"))
        };
        Ok(match self {
            Self::Rsa(key) => {
                let der = key.to_pkcs1_der().map_err(|error| failed(&error))?;
                pem("RSA PRIVATE KEY", der.as_bytes())
            }
            Self::Ec(der) => pem("EC PRIVATE KEY", der),
            Self::Ed25519(seed) => pem("PRIVATE KEY", &ed25519_pkcs8(seed)),
            Self::Dsa => return Err(failed(&"a DSA key signs no certificate")),
        })
    }

    /// Returns the key as the maker of certificates wants it.
    pub(super) fn pair(&self) -> Result<KeyPair, FunctionError> {
        let failed = |error: &dyn std::fmt::Display| {
            FunctionError::new(format!("error creating certificate: {error}"))
        };
        let der = match self {
            Self::Rsa(key) => {
                let der = key.to_pkcs8_der().map_err(|error| failed(&error))?;
                der.as_bytes().to_vec()
            }
            Self::Ec(key) => {
                let algorithm = sequence(&[element(0x06, EC), element(0x06, P256)]);
                sequence(&[element(0x02, &[0]), algorithm, element(0x04, key)])
            }
            Self::Ed25519(seed) => ed25519_pkcs8(seed),
            Self::Dsa => {
                return Err(failed(
                    &"x509: certificate private key does not implement crypto.Signer",
                ));
            }
        };
        KeyPair::try_from(der).map_err(|error| failed(&error))
    }
}

/// Makes a DSA key with parameters of its own, and writes it as OpenSSL and Sprig do.
pub(super) fn dsa_pem(context: &Context) -> Result<String, FunctionError> {
    const ROUNDS: usize = 20;
    let odd = |bytes: usize| -> Result<BigUint, FunctionError> {
        let mut bytes = context.bytes(bytes)?;
        if let Some(first) = bytes.first_mut() {
            *first |= 0x80;
        }
        if let Some(last) = bytes.last_mut() {
            *last |= 1;
        }
        Ok(BigUint::from_bytes_be(&bytes))
    };
    let one = BigUint::from(1_u32);
    let order = loop {
        let order = odd(32)?;
        if probably_prime(&order, ROUNDS) {
            break order;
        }
    };
    let double = &order * 2_u32;
    let modulus = loop {
        // The number below that is one more than an even multiple of the order.
        let modulus = odd(256)?;
        let modulus = &modulus - &modulus % &double + &one;
        if modulus.bits() == 2048 && probably_prime(&modulus, ROUNDS) {
            break modulus;
        }
    };
    let exponent = (&modulus - &one) / &order;
    let mut base = BigUint::from(2_u32);
    let generator = loop {
        let generator = base.modpow(&exponent, &modulus);
        if generator != one {
            break generator;
        }
        base += 1_u32;
    };
    let secret = loop {
        let secret = BigUint::from_bytes_be(&context.bytes(32)?);
        if secret > BigUint::from(0_u32) && secret < order {
            break secret;
        }
    };
    let public = generator.modpow(&secret, &modulus);
    let zero = BigUint::from(0_u32);
    let numbers = [zero, modulus, order, generator, public, secret];
    let numbers: Vec<Vec<u8>> = numbers
        .iter()
        .map(|number| {
            let mut bytes = number.to_bytes_be();
            if bytes.first().is_none_or(|&first| first >= 0x80) {
                bytes.insert(0, 0);
            }
            element(0x02, &bytes)
        })
        .collect();
    Ok(pem("DSA PRIVATE KEY", &sequence(&numbers)))
}

fn sec1(key: &p256::SecretKey) -> Vec<u8> {
    use p256::elliptic_curve::sec1::ToSec1Point as _;
    let mut point = vec![0];
    point.extend_from_slice(key.public_key().to_sec1_point(false).as_bytes());
    sequence(&[
        element(0x02, &[1]),
        element(0x04, &key.to_bytes()),
        element(0xa0, &element(0x06, P256)),
        element(0xa1, &element(0x03, &point)),
    ])
}

fn ed25519_pkcs8(seed: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[element(0x06, ED25519)]);
    sequence(&[
        element(0x02, &[0]),
        algorithm,
        element(0x04, &element(0x04, seed)),
    ])
}

/// Writes one element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => out.push(length),
        _ => {
            let length = content.len().to_be_bytes();
            let skipped = length.iter().take_while(|&&byte| byte == 0).count();
            let length = &length[skipped..];
            out.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(content);
    out
}

fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

/// DER that is being read.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Takes the next element, if it has the tag, and returns its content.
    fn enter(&mut self, tag: u8) -> Option<Der<'a>> {
        let (&found, rest) = self.0.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (length, rest) = if length < 0x80 {
            (usize::from(length), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = bytes.iter().try_fold(0_usize, |length, &byte| {
                length.checked_mul(256)?.checked_add(usize::from(byte))
            })?;
            (length, rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        if found != tag {
            return None;
        }
        self.0 = rest;
        Some(Der(content))
    }
}

/// Writes a block of PEM as Go does, 64 characters a line.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.extend(line.iter().map(|&byte| char::from(byte)));
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

/// Finds the first block of PEM: its label and content.
pub(super) fn pem_block(text: &str) -> Option<(String, Vec<u8>)> {
    const BEGIN: &str = "-----BEGIN ";
    let mut rest = text;
    loop {
        let at = rest.match_indices(BEGIN).map(|(at, _)| at);
        let mut at = at.filter(|&at| at == 0 || rest.as_bytes()[at - 1] == b'\n');
        rest = &rest[at.next()? + BEGIN.len()..];
        let (line, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(label) = line.trim_end().strip_suffix("-----") else {
            continue;
        };
        let Some((content, _)) = body.split_once(&format!("-----END {label}-----")) else {
            continue;
        };
        // Headers end with an empty line.
        let content = content
            .split_once("\n\n")
            .map_or(content, |(_, after)| after);
        let compact: String = content.split_whitespace().collect();
        if let Ok(der) = STANDARD.decode(compact) {
            return Some((label.to_owned(), der));
        }
    }
}

/// The run's source of randomness, as the key generator wants it.
struct Source<'a>(&'a Context);

impl RngCore for Source<'_> {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        self.try_fill_bytes(target)
            .expect("the operating system gives random numbers");
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Error> {
        let bytes = self.0.bytes(target.len()).map_err(Error::new)?;
        target.copy_from_slice(&bytes);
        Ok(())
    }
}

impl CryptoRng for Source<'_> {}
