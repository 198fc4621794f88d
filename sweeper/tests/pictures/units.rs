//! Numbers as the dashboard's units want them.

/// As Grafana's units say it, shortly.
pub(crate) fn shown(value: f64, unit: &str) -> String {
    match unit {
        "s" => seconds(value),
        "ops" => format!("{}/s", number(value)),
        "bool_yes_no" if value == 0.0 => "No".to_owned(),
        "bool_yes_no" => "Yes".to_owned(),
        _ => number(value),
    }
}

fn seconds(value: f64) -> String {
    match value {
        0.0 => "0 s".to_owned(),
        value if value < 1.0 => format!("{} ms", number(value * 1000.0)),
        value if value < 120.0 => format!("{} s", number(value)),
        value => format!("{} min", number(value / 60.0)),
    }
}

/// Three figures are enough.
fn number(value: f64) -> String {
    let text = match value {
        value if value >= 10_000.0 => return format!("{}k", number(value / 1000.0)),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The end of an axis, and its step: 1, 2, 2.5 or 5 of some size, so that about four steps reach the value.
pub(crate) fn axis(most: f64) -> (f64, f64) {
    let most = if most > 0.0 { most } else { 1.0 };
    let rough = most / 4.0;
    let size = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * size);
    let step = steps
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(rough);
    ((most / step).ceil() * step, step)
}

#[test]
fn numbers_are_short() {
    assert_eq!(shown(0.0625, "s"), "62.5 ms");
    assert_eq!(shown(1.5, "s"), "1.5 s");
    assert_eq!(shown(300.0, "s"), "5 min");
    assert_eq!(shown(12.34, "ops"), "12.3/s");
    assert_eq!(shown(100.0, "short"), "100");
    assert_eq!(shown(0.0, "bool_yes_no"), "No");
}

#[test]
fn axes_end_where_people_count() {
    assert_eq!(axis(7.0), (8.0, 2.0));
    assert_eq!(axis(0.0), (1.0, 0.25));
    assert_eq!(axis(100.0), (100.0, 25.0));
}
