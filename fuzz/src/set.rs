//! `--set` and its kin: takes arguments, one after the other, gives them to the parser; never
//! reads a file.

use chart::Values;

/// The first byte of each part says which option it is for.
pub(crate) fn run(input: &[u8]) {
    let mut values = Values::new();
    for part in crate::parts(input) {
        let mut characters = part.chars();
        let option = characters.next().unwrap_or_default();
        let argument = characters.as_str();
        let before = values.clone();
        let result = match option {
            's' => values.set_string(argument),
            'j' => values.set_json(argument),
            'l' => values.set_literal(argument),
            'f' => values.set_file(argument, &|path| match path {
                "" => Err("no such file".to_owned()),
                path => Ok(path.repeat(2)),
            }),
            _ => values.set(argument),
        };
        if let Err(error) = result {
            assert!(!error.to_string().is_empty(), "an error says what is wrong");
            values = before;
        }
    }
    let mut again = Values::new();
    again.merge_json(values.as_map().clone());
}
