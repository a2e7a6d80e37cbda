//! Decimal arithmetic for Sprig's float functions: takes floats by their shortest decimal form,
//! gives the float nearest to the exact result, division to sixteen places, never a binary
//! rounding error.

use num_bigint_dig::BigInt;

/// A decimal number: digits times a power of ten.
#[derive(Debug, Clone)]
pub(super) enum Decimal {
    /// `digits * 10^exponent`.
    Exact { digits: BigInt, exponent: i32 },
    /// Not a number, or infinite.
    Float(f64),
}

impl Default for Decimal {
    fn default() -> Self {
        Self::Exact {
            digits: BigInt::default(),
            exponent: 0,
        }
    }
}

/// Places behind the point that division gives.
const DIVISION_PLACES: u32 = 16;

impl Decimal {
    pub(super) fn new(number: f64) -> Self {
        let text = format!("{number:e}");
        let exact = text.split_once('e').and_then(|(digits, exponent)| {
            let exponent: i32 = exponent.parse().ok()?;
            let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
            let digits: i128 = digits.replace('.', "").parse().ok()?;
            Some(Self::Exact {
                digits: digits.into(),
                exponent: exponent - i32::try_from(places).ok()?,
            })
        });
        exact.unwrap_or(Self::Float(number))
    }

    pub(super) fn to_float(&self) -> f64 {
        match self {
            Self::Exact { digits, exponent } => {
                format!("{digits}e{exponent}").parse().unwrap_or_default()
            }
            Self::Float(number) => *number,
        }
    }

    /// Applies an operation to the digits of both at one exponent, or else one to floats.
    fn aligned(
        &self,
        other: &Self,
        exact: impl FnOnce(BigInt, BigInt, i32) -> Self,
        float: impl FnOnce(f64, f64) -> f64,
    ) -> Self {
        match (self, other) {
            (
                Self::Exact {
                    digits: a,
                    exponent: ea,
                },
                Self::Exact {
                    digits: b,
                    exponent: eb,
                },
            ) => {
                let exponent = *ea.min(eb);
                let scale = |digits: &BigInt, from: i32| digits * ten_to(from.abs_diff(exponent));
                exact(scale(a, *ea), scale(b, *eb), exponent)
            }
            _ => Self::Float(float(self.to_float(), other.to_float())),
        }
    }
}

fn ten_to(power: u32) -> BigInt {
    let ten = BigInt::from(10);
    (0..power).fold(BigInt::from(1), |product, _| product * &ten)
}

pub(super) fn add(a: &Decimal, b: &Decimal) -> Decimal {
    let exact = |x, y, exponent| Decimal::Exact {
        digits: x + y,
        exponent,
    };
    a.aligned(b, exact, |a, b| a + b)
}

pub(super) fn subtract(a: &Decimal, b: &Decimal) -> Decimal {
    let exact = |x, y, exponent| Decimal::Exact {
        digits: x - y,
        exponent,
    };
    a.aligned(b, exact, |a, b| a - b)
}

pub(super) fn multiply(a: &Decimal, b: &Decimal) -> Decimal {
    match (a, b) {
        (
            Decimal::Exact {
                digits: x,
                exponent: ex,
            },
            Decimal::Exact {
                digits: y,
                exponent: ey,
            },
        ) => Decimal::Exact {
            digits: x * y,
            exponent: ex.saturating_add(*ey),
        },
        _ => Decimal::Float(a.to_float() * b.to_float()),
    }
}

/// Divides; what is divided by nothing is nothing, as the caller has seen to it.
pub(super) fn divide(a: &Decimal, b: &Decimal) -> Decimal {
    let exact = |x: BigInt, y: BigInt, _| {
        let zero = BigInt::default();
        if y == zero {
            return Decimal::Float(f64::NAN);
        }
        let is_negative = (x < zero) != (y < zero);
        let scaled = &x * ten_to(DIVISION_PLACES);
        let (quotient, rest) = (&scaled / &y, &scaled % &y);
        // Halves are rounded away from zero.
        let absolute = |number: BigInt| if number < zero { -number } else { number };
        let up = absolute(rest * 2) >= absolute(y);
        let digits = match (up, is_negative) {
            (false, _) => quotient,
            (true, false) => quotient + 1,
            (true, true) => quotient - 1,
        };
        Decimal::Exact {
            digits,
            exponent: -16,
        }
    };
    a.aligned(b, exact, |a, b| a / b)
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
        assert!(divide(&new(-1.0), &new(1e100)).to_float() == 0.0);
        assert!((divide(&new(1e300), &new(3e-300)).to_float()).is_infinite());
        assert!((subtract(&new(1.0), &new(0.9)).to_float() - 0.1).abs() == 0.0);
    }
}
