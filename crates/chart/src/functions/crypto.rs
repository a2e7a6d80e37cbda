//! Passwords, keys and ciphers: takes texts, gives hashes, random keys out of the run's source and
//! encrypted texts, notes each call that is random.
//!
//! Source: Sprig's `crypto.go`.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use gotemplate::{Call, FunctionError, FunctionTable, Parameter, Signature, Text, Value};
use hmac::{KeyInit as _, Mac as _};

use super::arguments::{Outcome, TEXT, TEXT_TEXT, bytes, text};
use super::encoding::decode_base64;
use super::keys::{PrivateKey, dsa_pem};
use crate::context::{Context, context};

/// What Sprig hashes passwords with.
const COST: u32 = 10;
/// What follows is ignored by the algorithm, so it is refused.
const LONGEST_PASSWORD: usize = 72;
/// The bytes of one block of AES.
const BLOCK: usize = 16;

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
        let key = match &*kind {
            "" | "rsa" => PrivateKey::rsa(random(call)?, 4096)?,
            "ecdsa" => PrivateKey::ec(random(call)?)?,
            "ed25519" => PrivateKey::ed25519(random(call)?)?,
            "dsa" => return Ok(dsa_pem(random(call)?)?.into()),
            other => return Ok(format!("Unknown type {other}").into()),
        };
        Ok(key.pem()?.into())
    });
    let signature = Signature::fixed(&[
        Parameter::Uint32,
        Parameter::String,
        Parameter::String,
        Parameter::String,
        Parameter::String,
    ]);
    table.register("derivePassword", signature, |_, a| derive(a));
    table.register("encryptAES", TEXT_TEXT, |call, a| {
        let plain = bytes(a, 1);
        if plain.is_empty() {
            return Ok("".into());
        }
        Ok(STANDARD
            .encode(encrypt(&random(call)?.bytes(BLOCK)?, bytes(a, 0), plain))
            .into())
    });
    table.register("decryptAES", TEXT_TEXT, |_, a| {
        decrypt(bytes(a, 0), bytes(a, 1))
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

/// The key of a password: its first 32 bytes, zeros behind a shorter one.
fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    for (byte, given) in key.iter_mut().zip(password) {
        *byte = *given;
    }
    key
}

fn encrypt(start: &[u8], password: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut vector = [0; BLOCK];
    vector.copy_from_slice(start);
    let mut cipher = cbc::Encryptor::<Aes256>::new(&key(password).into(), &vector.into());
    let padding = BLOCK - plain.len() % BLOCK;
    let mut content = plain.to_vec();
    content.resize(
        plain.len() + padding,
        u8::try_from(padding).unwrap_or_default(),
    );
    let mut out = start.to_vec();
    for chunk in content.chunks_exact(BLOCK) {
        let mut block = Array::default();
        block.copy_from_slice(chunk);
        cipher.encrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    out
}

fn decrypt(password: &[u8], encoded: &[u8]) -> Outcome {
    if encoded.is_empty() {
        return Ok("".into());
    }
    let crypt = decode_base64(encoded)?;
    let Some((start, content)) = crypt.split_at_checked(BLOCK) else {
        // Go's buffer is as long as the text may decode to.
        let capacity = encoded.len() / 4 * 3;
        return Err(FunctionError::new(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {capacity}"
        )));
    };
    if content.len() % BLOCK != 0 {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let mut vector = [0; BLOCK];
    vector.copy_from_slice(start);
    let mut cipher = cbc::Decryptor::<Aes256>::new(&key(password).into(), &vector.into());
    let mut plain = Vec::with_capacity(content.len());
    for chunk in content.chunks_exact(BLOCK) {
        let mut block = Array::default();
        block.copy_from_slice(chunk);
        cipher.decrypt_block(&mut block);
        plain.extend_from_slice(&block);
    }
    let Some(&padding) = plain.last() else {
        return Err("runtime error: index out of range [-1]".into());
    };
    let Some(length) = plain.len().checked_sub(usize::from(padding)) else {
        let below = usize::from(padding) - plain.len();
        return Err(FunctionError::new(format!(
            "runtime error: slice bounds out of range [:-{below}]"
        )));
    };
    plain.truncate(length);
    Ok(Value::String(Text::from_bytes(plain)))
}

/// The forms of derived passwords: each letter names a set of characters.
const FORMS: [(&str, &[&str]); 6] = [
    ("maximum", &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]),
    (
        "long",
        &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
    ),
    ("medium", &["CvcnoCvc", "CvcCvcno"]),
    ("short", &["Cvcn"]),
    ("basic", &["aaanaaan", "aannaaan", "aaannaaa"]),
    ("pin", &["nnnn"]),
];

fn characters(set: u8) -> &'static [u8] {
    match set {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The Master Password algorithm: counter, form, password, user and site.
fn derive(a: &[Value]) -> Outcome {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let kind = text(a, 1);
    let Some((_, forms)) = FORMS.iter().find(|(name, _)| *name == kind) else {
        return Ok(format!("cannot find password template {kind}").into());
    };
    let counter = match a.first() {
        Some(Value::Uint64(counter)) => u32::try_from(*counter).unwrap_or_default(),
        _ => 0,
    };
    let message = |name: &[u8]| {
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        [SEED, &length.to_be_bytes(), name].concat()
    };
    let failed = |error: &dyn std::fmt::Display| {
        FunctionError::new(format!("failed to derive password: {error}"))
    };
    let parameters = scrypt::Params::new(15, 8, 2).map_err(|error| failed(&error))?;
    let mut key = [0; 64];
    scrypt::scrypt(bytes(a, 2), &message(bytes(a, 3)), &parameters, &mut key)
        .map_err(|error| failed(&error))?;
    let mut signer =
        hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).map_err(|error| failed(&error))?;
    signer.update(&message(bytes(a, 4)));
    signer.update(&counter.to_be_bytes());
    let seed = signer.finalize().into_bytes();
    let form = forms[usize::from(seed[0]) % forms.len()];
    let password: String = form
        .bytes()
        .zip(&seed[1..])
        .map(|(set, &number)| {
            let set = characters(set);
            char::from(set[usize::from(number) % set.len()])
        })
        .collect();
    Ok(password.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encrypted_is_decrypted() {
        let secret = STANDARD.encode(encrypt(&[7; 16], b"word", b"sixteen letters!"));
        let plain = decrypt(b"word", secret.as_bytes()).unwrap();
        assert_eq!(plain.as_text().unwrap(), "sixteen letters!");
        assert!(decrypt(b"word", b"AAAA").is_err());
    }
}
