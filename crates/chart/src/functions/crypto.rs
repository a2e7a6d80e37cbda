//! Passwords and keys: takes texts, gives hashes and random keys out of the run's source, notes
//! each call that is random.

use gotemplate::{Call, FunctionError, FunctionTable};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::LineEnding;
use rsa::rand_core::{CryptoRng, Error, RngCore};

use super::arguments::{TEXT, TEXT_TEXT, bytes, text};
use crate::context::{Context, context};

/// What Sprig hashes passwords with.
const COST: u32 = 10;
/// What follows is ignored by the algorithm, so it is refused.
const LONGEST_PASSWORD: usize = 72;

pub(super) fn register(table: &mut FunctionTable) {
    table.register("bcrypt", TEXT, |call, a| {
        Ok(bcrypt(call, bytes(a, 0))?.into())
    });
    table.register("htpasswd", TEXT_TEXT, |call, a| {
        let user = text(a, 0);
        if user.contains(':') {
            return Ok(format!("invalid username: {user}").into());
        }
        Ok(format!("{user}:{}", bcrypt(call, bytes(a, 1))?).into())
    });
    table.register("genPrivateKey", TEXT, |call, a| {
        let kind = text(a, 0);
        match &*kind {
            "" | "rsa" => {
                let key = rsa_key(random(call)?, 4096)?;
                Ok(pkcs1_pem(&key)?.into())
            }
            "ecdsa" | "ed25519" | "dsa" => Err(FunctionError::new(format!(
                "the function \"genPrivateKey\" of Helm is not supported yet for {kind:?}"
            ))),
            other => Ok(format!("Unknown type {other}").into()),
        }
    });
}

fn bcrypt(call: &Call<'_>, password: &[u8]) -> Result<String, FunctionError> {
    if password.len() > LONGEST_PASSWORD {
        return Ok(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
                .to_owned(),
        );
    }
    let mut salt = [0; 16];
    salt.copy_from_slice(&random(call)?.bytes(16)?);
    let hash = bcrypt::hash_with_salt(password, COST, salt)
        .map_err(|error| FunctionError::new(error.to_string()))?;
    Ok(hash.format_for_version(bcrypt::Version::TwoA))
}

/// Returns the run's source of randomness, and notes that it was asked for.
pub(super) fn random<'run>(call: &Call<'run>) -> Result<&'run Context, FunctionError> {
    let context = context(call)?;
    context.note(call);
    Ok(context)
}

/// Makes an RSA key.
pub(super) fn rsa_key(context: &Context, bits: usize) -> Result<rsa::RsaPrivateKey, FunctionError> {
    rsa::RsaPrivateKey::new(&mut Source(context), bits)
        .map_err(|error| FunctionError::new(format!("error generating rsa key: {error}")))
}

/// Writes an RSA key as `RSA PRIVATE KEY`.
pub(super) fn pkcs1_pem(key: &rsa::RsaPrivateKey) -> Result<String, FunctionError> {
    let pem = key
        .to_pkcs1_pem(LineEnding::LF)
        .map_err(|error| FunctionError::new(format!("error pem-encoding key: {error}")))?;
    Ok(pem.as_str().to_owned())
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
