//! The page of a graph in a real browser: takes firstlight's page, adds to a copy of it a script that
//! does what a person would, and looks at what the page then shows. Chromium alone runs it; nothing
//! goes over a network.

use std::fs;

use serde_json::Value;

use super::{Context, Failure};
use crate::command::Command;
use crate::report;

/// Chooses a service, an arrow, searches, and goes back; says what was to be seen, and every error.
const PERSON: &str = r#"<script>
const seen = { errors: [] };
window.addEventListener("error", (event) => seen.errors.push(String(event.message)));
window.addEventListener("securitypolicyviolation", (event) => seen.errors.push(event.violatedDirective));
window.addEventListener("load", () => {
  const picture = document.getElementById("picture"), panel = document.getElementById("panel");
  const search = document.getElementById("search");
  const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  seen.linked = panel.querySelector("h2").textContent;
  press(document.body, "Escape");
  seen.overview = panel.textContent;
  const line = [...picture.querySelectorAll(".wait:not(.implied) .hit")].at(-1);
  const middle = line.getPointAtLength(line.getTotalLength() / 2), to = line.getScreenCTM();
  picture.dispatchEvent(new MouseEvent("click", { bubbles: true,
    clientX: middle.x * to.a + to.e, clientY: middle.y * to.d + to.f }));
  seen.arrow = panel.textContent;
  const last = [...picture.querySelectorAll(".service")].at(-1);
  last.querySelector("rect").dispatchEvent(new MouseEvent("click", { bubbles: true }));
  seen.service = panel.textContent;
  seen.lit = picture.querySelectorAll(".service.lit").length;
  seen.hash = location.hash;
  press(document.body, "Escape");
  search.value = "certificate";
  search.dispatchEvent(new Event("input"));
  seen.found = picture.querySelectorAll(".service.found").length;
  press(search, "Enter");
  seen.entered = panel.querySelector("h2").textContent;
  const before = picture.getAttribute("viewBox");
  press(document.body, "+");
  seen.zoomed = before !== picture.getAttribute("viewBox");
  document.body.dataset.seen = encodeURIComponent(JSON.stringify(seen));
});
</script></body>"#;

pub(super) fn run(context: &Context) -> Result<(), Failure> {
    let page = Command::new(&context.firstlight)
        .folder(&context.repository)
        .args(["graph", "kind", "--format", "html"])
        .text()?;
    let file = context.output.join("graph.html");
    let unwritable = |error: std::io::Error| Failure::of(format!("{}: {error}", file.display()));
    fs::write(&file, page.replacen("</body>", PERSON, 1)).map_err(unwritable)?;
    let shown = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1400,900",
        ])
        .args(["--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("file://{}#service=portal", file.display()))
        .text()?;
    let seen =
        seen(&shown).ok_or_else(|| Failure::of("the page's script did not come to its end"))?;
    let text = |key: &str| seen[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| seen[key].as_u64().unwrap_or_default();
    let mut details = Vec::new();
    let mut expect = |holds: bool, what: &str| {
        if !holds {
            details.push(what.to_owned());
        }
    };
    expect(
        seen["errors"] == Value::Array(Vec::new()),
        &format!("errors: {}", seen["errors"]),
    );
    expect(
        text("linked") == "portal",
        "the address did not choose portal",
    );
    expect(
        text("overview").contains("Wave 0"),
        "Escape did not go back",
    );
    expect(
        text("arrow").contains("waits until") && text("arrow").contains(".yaml:"),
        "an arrow did not show why, with a place",
    );
    expect(
        text("service").contains("Waits for") && text("service").contains(".yaml:"),
        "a service did not show its details",
    );
    expect(
        number("lit") > 2 && text("hash").starts_with("#service="),
        "nothing was lit up",
    );
    expect(
        number("found") > 0 && !text("entered").is_empty(),
        "nothing was found",
    );
    expect(seen["zoomed"] == true, "+ did not zoom");
    Failure::unless_empty("the page does not do what is documented", details)?;
    report::step("the page of `kind` in Chromium: chosen, explained, searched, zoomed");
    Ok(())
}

/// Returns what the script says that it saw.
fn seen(page: &str) -> Option<Value> {
    let (_, rest) = page.split_once("data-seen=\"")?;
    let (encoded, _) = rest.split_once('"')?;
    let bytes = decoded(encoded);
    serde_json::from_slice(&bytes).ok()
}

/// Undoes `encodeURIComponent`.
fn decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        bytes.extend(u8::from_str_radix(digits, 16));
        bytes.extend(rest.as_bytes());
    }
    bytes
}
