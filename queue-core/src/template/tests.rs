use proptest::prelude::*;
use serde_json::json;

use super::*;

fn error(template: Result<Template, TemplateError>, values: &serde_json::Value) -> TemplateError {
    template.unwrap().render(values).unwrap_err()
}

#[test]
fn what_varies_cannot_leave_its_place() {
    let values = json!({"x": "</script><b a='\"'>&\r\n\u{7}\u{2028}"});
    let html = Template::html("<i>{{ x }}</i>")
        .unwrap()
        .render(&values)
        .unwrap();
    assert!(
        html.starts_with("<i>&lt;&#x2f;script&gt;&lt;b a=&#x27;&quot;&#x27;&gt;&amp;"),
        "{html}"
    );

    let json = Template::json(r#"{"x": {{ x }}, "all": {{ [x, 1, none] }}}"#).unwrap();
    let json = json.render(&values).unwrap();
    assert!(!json.contains(['<', '>', '&', '\'', '\u{2028}']), "{json}");
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["x"], values["x"]);
    assert_eq!(read["all"], json!([values["x"], 1, null]));

    let text = Template::text("Dear {{ x }}!").unwrap();
    let said = text.render(&json!({"x": "A\r\nda\r\u{1b}[2J\tö"})).unwrap();
    assert_eq!(said, "Dear A\nda\u{fffd}\u{fffd}[2J\tö!");
}

#[test]
fn no_template_turns_escaping_off() {
    let values = json!({"x": "<b>", "list": ["<b>"]});
    for source in [
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{% autoescape 'none' %}{{ x ~ x }}{% endautoescape %}",
        "{% autoescape false %}{% set y %}{{ x }}{% endset %}{{ y }}{% endautoescape %}",
        "{% autoescape false %}{{ list|join(x) }}{{ x|replace('b', 'i') }}{% endautoescape %}",
        "{{ list }}{{ x|upper }}{{ x|e }}{{ list|join('<i>') }}",
        "{% for y in list %}{{ y }}{% endfor %}{% set y = x %}{{ y }}",
    ] {
        let said = Template::html(source).unwrap().render(&values).unwrap();
        assert!(
            !said.contains('<') && said.contains("lt;"),
            "{source}: {said}"
        );
    }
    assert!(
        Template::html("{{ x|safe }}")
            .unwrap()
            .render(&values)
            .is_err()
    );
}

#[test]
fn what_is_missing_is_named() {
    let values = json!({"user": {"name": "Ada", "nick": null}, "list": [{}]});
    for (source, named) in [
        ("\nDear {{ nobody }}", "nobody"),
        ("\n{{ user.address }}", "user.address"),
        ("\n{{ user.address.city }}", "user.address"),
        ("\n{% if vip %}x{% endif %}", "vip"),
        ("\n{% if user.vip and true %}x{% endif %}", "user.vip"),
        ("\n{% for x in rows %}x{% endfor %}", "rows"),
        ("\n{% for x in list %}{{ x.name }}{% endfor %}", "x.name"),
        ("\n{{ user.nom|upper }}", "user.nom"),
        ("\n{{ user.nom | trim | upper }}", "user.nom"),
    ] {
        match error(Template::text(source), &values) {
            TemplateError::Undefined { name, line } => {
                assert!(name.contains(named) && line == 2, "{source}: {name} {line}");
            }
            other => panic!("{source}: {other}"),
        }
    }
    let null = error(Template::text("{{ user.nick }}"), &values).to_string();
    assert!(null.contains("null"), "{null}");
    let asked = "{% if vip is defined %}x{% endif %}{{ nobody|default('you') }}{{ user.nick|default('-', true) }}";
    assert_eq!(
        Template::text(asked).unwrap().render(&values).unwrap(),
        "you-"
    );
}

#[test]
fn what_cannot_be_read_is_told_at_once() {
    for source in [
        "a\n{{ x",
        "a\n{% if x %}",
        "a\n{{ x | }}",
        "a\n{% include 'x' %}",
        "a\n{% endfor %}",
    ] {
        match Template::html(source).unwrap_err() {
            TemplateError::Syntax { line, problem } => {
                assert!(
                    line == 2 && problem.len() > 10,
                    "{source}: {line} {problem}"
                );
            }
            other => panic!("{source}: {other}"),
        }
    }
}

#[test]
fn nothing_runs_or_grows_for_ever() {
    let none = json!({});
    let deep = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    assert_eq!(
        error(Template::text(deep), &none),
        TemplateError::TooMuchWork
    );
    let long = "{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}";
    assert_eq!(error(Template::html(long), &none), TemplateError::TooLong);
    let quoted = Template::json(r#"{"name": "{{ x }}"}"#);
    let quoted = error(quoted, &json!({"x": "Ada"}));
    assert!(matches!(quoted, TemplateError::NotJson(_)), "{quoted}");
}

proptest! {
    #[test]
    fn html_never_has_markup_of_a_variable(x in any::<String>(), y in "[<>&\"'/a-z]{0,20}") {
        let template = Template::html("{{ x }}{{ y }}{{ [x, y] }}{{ {x: y} }}{{ (x|e) ~ y }}").unwrap();
        let said = template.render(&json!({"x": x, "y": y})).unwrap();
        prop_assert!(!said.contains(['<', '>', '"', '\'']));
    }

    #[test]
    fn json_is_read_back_as_it_was(x in any::<String>(), n in any::<i64>()) {
        let said = Template::json("[{{ x }}, {{ n }}, {{ {'k': x} }}]").unwrap();
        let said = said.render(&json!({"x": x, "n": n})).unwrap();
        let read: serde_json::Value = serde_json::from_str(&said).unwrap();
        prop_assert_eq!(read, json!([x, n, {"k": x}]));
    }
}
