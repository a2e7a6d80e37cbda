//! Decimal arithmetic for Sprig's float functions: takes floats by their shortest decimal form,
//! gives the float nearest to the exact result, division to sixteen places, never a binary
//! rounding error.

/// A decimal number: digits times a power of ten. Numbers that do not fit are floats.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decimal {
    /// `digits * 10^exponent`.
    Exact { digits: i128, exponent: i32 },
    /// Too large or too fine to be exact.
    Float(f64),
}

impl Default for Decimal {
    fn default() -> Self {
        Self::Exact {
            digits: 0,
            exponent: 0,
        }
    }
}

/// Places behind the point that division gives.
const DIVISION_PLACES: i32 = 16;

impl Decimal {
    pub(super) fn new(number: f64) -> Self {
        let text = format!("{number:e}");
        let exact = text.split_once('e').and_then(|(digits, exponent)| {
            let exponent: i32 = exponent.parse().ok()?;
            let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
            let digits: i128 = digits.replace('.', "").parse().ok()?;
            Some(Self::Exact {
                digits,
                exponent: exponent - i32::try_from(places).ok()?,
            })
        });
        exact.unwrap_or(Self::Float(number))
    }

    pub(super) fn to_float(self) -> f64 {
        match self {
            Self::Exact { digits, exponent } => {
                format!("{digits}e{exponent}").parse().unwrap_or_default()
            }
            Self::Float(number) => number,
        }
    }

    /// Brings both to one exponent.
    fn aligned(self, other: Self) -> Option<(i128, i128, i32)> {
        let (
            Self::Exact {
                digits: a,
                exponent: ea,
            },
            Self::Exact {
                digits: b,
                exponent: eb,
            },
        ) = (self, other)
        else {
            return None;
        };
        let exponent = ea.min(eb);
        let scale = |digits: i128, from: i32| {
            let power = u32::try_from(from - exponent).ok()?;
            digits.checked_mul(10_i128.checked_pow(power)?)
        };
        Some((scale(a, ea)?, scale(b, eb)?, exponent))
    }
}

pub(super) fn add(a: &Decimal, b: &Decimal) -> Decimal {
    a.aligned(*b)
        .and_then(|(x, y, exponent)| {
            Some(Decimal::Exact {
                digits: x.checked_add(y)?,
                exponent,
            })
        })
        .unwrap_or_else(|| Decimal::Float(a.to_float() + b.to_float()))
}

pub(super) fn subtract(a: &Decimal, b: &Decimal) -> Decimal {
    a.aligned(*b)
        .and_then(|(x, y, exponent)| {
            Some(Decimal::Exact {
                digits: x.checked_sub(y)?,
                exponent,
            })
        })
        .unwrap_or_else(|| Decimal::Float(a.to_float() - b.to_float()))
}

pub(super) fn multiply(a: &Decimal, b: &Decimal) -> Decimal {
    let exact = match (a, b) {
        (
            Decimal::Exact {
                digits: x,
                exponent: ex,
            },
            Decimal::Exact {
                digits: y,
                exponent: ey,
            },
        ) => x.checked_mul(*y).map(|digits| Decimal::Exact {
            digits,
            exponent: ex + ey,
        }),
        _ => None,
    };
    exact.unwrap_or_else(|| Decimal::Float(a.to_float() * b.to_float()))
}

pub(super) fn divide(a: &Decimal, b: &Decimal) -> Decimal {
    a.aligned(*b)
        .and_then(|(x, y, _)| {
            let scaled = x.checked_mul(10_i128.checked_pow(DIVISION_PLACES.unsigned_abs())?)?;
            let (quotient, rest) = (scaled.checked_div(y)?, scaled.checked_rem(y)?);
            // Halves are rounded away from zero.
            let away = if (x < 0) == (y < 0) { 1 } else { -1 };
            let up = rest.unsigned_abs() * 2 >= y.unsigned_abs();
            let digits = if up { quotient + away } else { quotient };
            Some(Decimal::Exact {
                digits,
                exponent: -DIVISION_PLACES,
            })
        })
        .unwrap_or_else(|| Decimal::Float(a.to_float() / b.to_float()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_no_binary_error() {
        let new = Decimal::new;
        assert!((add(&new(0.1), &new(0.2)).to_float() - 0.3).abs() == 0.0);
        assert!((divide(&new(1.0), &new(3.0)).to_float() - 0.333_333_333_333_333_3).abs() == 0.0);
        assert!((multiply(&new(1.1), &new(3.0)).to_float() - 3.3).abs() == 0.0);
        assert!((subtract(&new(1.0), &new(0.9)).to_float() - 0.1).abs() == 0.0);
    }
}
