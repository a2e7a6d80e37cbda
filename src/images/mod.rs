//! objects -> container images: takes rendered services and the rules for custom resources, gives
//! every image that the environment will pull with what needs it, and says what it cannot know;
//! never asks a registry.

mod inventory;
mod known;
mod mentioned;
mod reference;
#[cfg(test)]
mod tests;

pub use inventory::{Image, Inventory, Use, inventory};
pub use known::Rules;
pub use reference::{InvalidReference, Reference};
