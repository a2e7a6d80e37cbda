//! Sprig's random functions: takes lengths, gives random texts out of the run's source, and notes
//! each call, for what they give differs from rendering to rendering.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{Call, FunctionError, FunctionTable, Parameter, Signature};

use super::arguments::{TEXT, int, text};
use crate::context::{Context, context};

const COUNT: Signature = Signature::fixed(&[Parameter::Int]);

/// Tells which characters a set has.
type Fits = fn(char) -> bool;

fn source<'run>(call: &Call<'run>) -> Result<&'run Context, FunctionError> {
    let context = context(call)?;
    context.note(call);
    Ok(context)
}

pub(super) fn register(table: &mut FunctionTable) {
    let sets: [(&str, Fits); 4] = [
        ("randAlphaNum", |c| c.is_ascii_alphanumeric()),
        ("randAlpha", |c| c.is_ascii_alphabetic()),
        ("randNumeric", |c| c.is_ascii_digit()),
        ("randAscii", |c| (' '..='~').contains(&c)),
    ];
    for (name, fits) in sets {
        table.register(name, COUNT, move |call, a| {
            let set: Vec<char> = (' '..='~').filter(|&c| fits(c)).collect();
            let context = source(call)?;
            let count = usize::try_from(int(a, 0)).unwrap_or(0).min(1 << 20);
            let mut out = String::with_capacity(count);
            for _ in 0..count {
                out.push(set[context.below(set.len())?]);
            }
            Ok(out.into())
        });
    }
    table.register("randBytes", COUNT, |call, a| {
        let count = usize::try_from(int(a, 0))
            .map_err(|_| "runtime error: makeslice: len out of range")?
            .min(1 << 20);
        Ok(STANDARD.encode(source(call)?.bytes(count)?).into())
    });
    let signature = Signature::fixed(&[Parameter::Int, Parameter::Int]);
    table.register("randInt", signature, |call, a| {
        let (low, high) = (int(a, 0), int(a, 1));
        let range = high
            .checked_sub(low)
            .and_then(|range| usize::try_from(range).ok());
        let range = range
            .filter(|&range| range > 0)
            .ok_or("invalid argument to Intn")?;
        let offset = i64::try_from(source(call)?.below(range)?).unwrap_or_default();
        Ok(gotemplate::Value::Int(low + offset))
    });
    table.register("shuffle", TEXT, |call, a| {
        let context = source(call)?;
        let mut letters: Vec<char> = text(a, 0).chars().collect();
        for end in (1..letters.len()).rev() {
            letters.swap(end, context.below(end + 1)?);
        }
        Ok(letters.into_iter().collect::<String>().into())
    });
    table.register("uuidv4", Signature::fixed(&[]), |call, _| {
        let mut bytes = source(call)?.bytes(16)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = super::encoding::hex(&bytes);
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        Ok(parts.join("-").into())
    });
}
