//! What services need in Vault: takes the specifications beside the services, gives them with what is
//! wrong with them, never a value of a secret.

mod check;
mod specification;

pub use check::{ServiceSecrets, VaultRequest, check};
pub use specification::{Condition, Copy, Generate, KeySpecification, Specification, read};
