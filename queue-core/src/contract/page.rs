//! A contract as a page for people.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use super::coercion::Coercion;
use super::prompt;
use super::rule::Test;
use super::shape::{BadItem, List, Object, Shape, Unknown};
use super::{Contract, ContractFile, Field, Wrapping};
use crate::catalogue::{Code, anchor};

impl Contract {
    /// A page in Markdown: the fields, what is put right in them, what a bad item costs, the rules, and the
    /// codes that can arise, linked to the page of [reason codes](crate::catalogue::page) beside it.
    ///
    /// ```
    /// use queue_core::contract::{Contract, Field, Integer, Object};
    /// let order = Object::of([Field::required("line", Integer::new().at_least(1).or_digits())]);
    /// let page = Contract::of("order", order).build().unwrap().page();
    /// assert!(page.contains("| `line` | yes | an integer, at least 1 | digits in a text |"), "{page}");
    /// ```
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = Page {
            text: String::new(),
            file: self.file(),
            codes: BTreeSet::from([
                Code::InvalidJson,
                Code::LimitExceeded,
                self.file().summary.document,
            ]),
        };
        // Writing to a String cannot fail.
        let _ = page.write();
        page.text
    }
}

/// A page while it is written, and the codes that it has come by.
struct Page<'c> {
    text: String,
    file: &'c ContractFile,
    codes: BTreeSet<Code>,
}

impl Page<'_> {
    fn write(&mut self) -> fmt::Result {
        let file = self.file;
        writeln!(self.text, "# The contract `{}`", file.name)?;
        if !file.about.is_empty() {
            writeln!(self.text, "\n{}", file.about)?;
        }
        self.around()?;
        match &file.root {
            Shape::Object(object) => {
                self.codes.insert(Code::SchemaMismatch);
                self.object("The document", "", object)?;
            }
            shape => {
                let value = value(shape);
                writeln!(self.text, "\n## The document\n\nIt is {value}.")?;
                self.scalar(shape);
                let repairs = repairs(shape);
                if !repairs.is_empty() {
                    self.codes.insert(Code::CoercionApplied);
                    writeln!(self.text, "\nPut right in it: {}.", repairs.join(", "))?;
                }
                self.list_rules("", "the document", shape)?;
                self.nested("", shape)?;
            }
        }
        self.codes_that_arise()
    }

    /// Limits, and what may stand around a document.
    fn around(&mut self) -> fmt::Result {
        let limits = self.file.limits;
        writeln!(self.text, "\n| limit | at most |\n|---|---|")?;
        writeln!(self.text, "| bytes of a document | {} |", limits.bytes)?;
        writeln!(
            self.text,
            "| depth of its lists and objects | {} |",
            limits.depth
        )?;
        writeln!(
            self.text,
            "| items of a list, keys of an object | {} |",
            limits.items
        )?;
        writeln!(
            self.text,
            "| things to say of a document | {} |",
            limits.diagnostics
        )?;
        let allowed: Vec<_> = Wrapping::ALL
            .into_iter()
            .filter(|wrapping| self.file.unwrap.contains(wrapping))
            .map(|wrapping| match wrapping {
                Wrapping::ByteOrderMark => "a byte order mark",
                Wrapping::CodeFence => "a Markdown code fence",
                Wrapping::Prose => "prose",
            })
            .collect();
        if allowed.is_empty() {
            writeln!(
                self.text,
                "\nA document is JSON with nothing around it: no byte order mark, code fence or prose."
            )
        } else {
            self.codes.insert(Code::CoercionApplied);
            let allowed = allowed.join(", ");
            writeln!(
                self.text,
                "\nTaken off, if it is around a document: {allowed}."
            )
        }
    }

    fn object(&mut self, title: &str, path: &str, object: &Object) -> fmt::Result {
        writeln!(self.text, "\n## {title}\n")?;
        if !object.fields.is_empty() {
            self.text
                .push_str("| field | required | value | put right | sensitive | |\n");
            self.text.push_str("|---|---|---|---|---|---|\n");
        }
        for field in &object.fields {
            self.field(field)?;
        }
        if !object.fields.is_empty() {
            self.text.push('\n');
        }
        writeln!(
            self.text,
            "{}",
            match object.unknown {
                Unknown::Reject => "With any other key it is bad.",
                Unknown::Drop => "Any other key is left out, which is reported.",
                Unknown::Keep => "Other keys are kept, whatever they have.",
            }
        )?;
        for field in &object.fields {
            let name = format!("`{}`", field.name);
            self.list_rules(&format!("{path}/{}", field.name), &name, &field.shape)?;
        }
        if !object.rules.is_empty() {
            self.text
                .push_str("\n| rule | if it is broken |\n|---|---|\n");
        }
        for rule in &object.rules {
            let (code, reason) = rule.verdict();
            self.codes.insert(code);
            if matches!(rule.test, Test::Among { .. }) {
                self.codes.insert(Code::ContextMissing);
            }
            let mut said = rule.described();
            if let Test::Among { .. } = rule.test {
                said.push_str(", a list of the context");
            }
            if let Test::Check(_) = rule.test {
                said.push_str(", a check of the program");
            }
            writeln!(self.text, "| {} | {} ({reason}) |", cell(&said), link(code))?;
        }
        for field in &object.fields {
            self.nested(&format!("{path}/{}", field.name), &field.shape)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Field) -> fmt::Result {
        let mut value = value(&field.shape);
        if field.nullable {
            value.push_str(", or null");
        }
        if field.required {
            self.codes.insert(Code::MissingRequiredField);
        }
        self.scalar(&field.shape);
        let repairs = repairs(&field.shape);
        if !repairs.is_empty() {
            self.codes.insert(Code::CoercionApplied);
        }
        writeln!(
            self.text,
            "| `{}` | {} | {} | {} | {} | {} |",
            field.name,
            if field.required { "yes" } else { "" },
            cell(&value),
            repairs.join(", "),
            if field.sensitive { "yes" } else { "" },
            cell(&field.about),
        )
    }

    /// What can be wrong with a value by itself.
    fn scalar(&mut self, shape: &Shape) {
        match shape {
            Shape::Any => {}
            Shape::Version(_) => {
                self.codes.insert(Code::IncompatibleVersion);
            }
            Shape::Choice(_) => {
                self.codes
                    .extend([Code::SchemaMismatch, Code::InvalidEnumValue]);
            }
            Shape::Integer(integer) => {
                self.codes.insert(Code::SchemaMismatch);
                self.codes.extend(integer.code);
            }
            _ => {
                self.codes.insert(Code::SchemaMismatch);
            }
        }
    }

    /// What a bad item of a list costs, and of lists in it.
    fn list_rules(&mut self, path: &str, name: &str, shape: &Shape) -> fmt::Result {
        let Shape::List(list) = shape else {
            return Ok(());
        };
        self.scalar(&list.item);
        let repairs = repairs(&list.item);
        if !repairs.is_empty() {
            self.codes.insert(Code::CoercionApplied);
            let repairs = repairs.join(", ");
            writeln!(self.text, "\nPut right in items of {name}: {repairs}.")?;
        }
        writeln!(self.text, "\n{}", self.bad_items(name, list))?;
        if list.bad_item == BadItem::Drop {
            let summary = self.file.summary;
            self.codes.extend([summary.item, summary.all_items]);
        }
        self.list_rules(&format!("{path}/*"), &format!("`{path}/*`"), &list.item)
    }

    fn bad_items(&self, name: &str, list: &List) -> String {
        let summary = self.file.summary;
        match list.bad_item {
            BadItem::Reject => format!("A bad item of {name} makes all of it bad."),
            BadItem::Drop => format!(
                "A bad item of {name} is dropped ({}) and the others are read; that none is left is \
                 reported ({}).",
                link(summary.item),
                link(summary.all_items)
            ),
        }
    }

    /// The sections of the objects in a value.
    fn nested(&mut self, path: &str, shape: &Shape) -> fmt::Result {
        match shape {
            // What there is to say of others stands in their field.
            Shape::Object(object) if !object.fields.is_empty() => {
                self.object(&format!("`{path}`"), path, object)
            }
            Shape::List(list) => self.nested(&format!("{path}/*"), &list.item),
            _ => Ok(()),
        }
    }

    fn codes_that_arise(&mut self) -> fmt::Result {
        self.text
            .push_str("\n## Codes that can arise\n\n| code | |\n|---|---|\n");
        for code in std::mem::take(&mut self.codes) {
            let meaning = cell(code.entry().meaning);
            writeln!(self.text, "| {} | {meaning} |", link(code))?;
        }
        Ok(())
    }
}

fn value(shape: &Shape) -> String {
    match shape {
        Shape::Version(versions) => format!("the version {}", versions.described()),
        shape => prompt::wanted(shape),
    }
}

fn repairs(shape: &Shape) -> Vec<&'static str> {
    let coercions = match shape {
        Shape::Integer(integer) if integer.digits => return vec!["digits in a text"],
        Shape::Text(text) => text.coerce.as_slice(),
        Shape::Choice(choice) => choice.coercions(),
        _ => &[],
    };
    let named = coercions.iter().map(|coercion| match coercion {
        Coercion::Trim => "white space around it",
        Coercion::Slashes => "`\\` for `/`",
        Coercion::NoLeadingDot => "`./` before it",
    });
    named.collect()
}

fn link(code: Code) -> String {
    format!("[`{code}`](reason-codes.md#{})", anchor(code))
}

/// A bar or the end of a line would end the cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Choice, Integer, Rule, Text};

    fn page(root: impl Into<Shape>) -> String {
        Contract::of("tried", root).build().unwrap().page()
    }

    /// The codes of the table at the end.
    fn codes(page: &str) -> Vec<&str> {
        let (_, table) = page.split_once("## Codes that can arise").unwrap();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| [`"));
        rows.filter_map(|row| row.split('`').next()).collect()
    }

    #[test]
    fn only_codes_that_can_arise_are_told_of() {
        let any = page(Object::open());
        assert_eq!(
            codes(&any),
            [
                "invalid_json",
                "limit_exceeded",
                "schema_mismatch",
                "document_rejected"
            ]
        );
        let choice = Object::of([Field::required("a", Choice::of(["x"]).trimmed())]);
        assert_eq!(
            codes(&page(choice)),
            [
                "invalid_json",
                "limit_exceeded",
                "schema_mismatch",
                "missing_required_field",
                "invalid_enum_value",
                "coercion_applied",
                "document_rejected",
            ]
        );
        let listed = Object::of([Field::optional("a", Text::new())]).rule(Rule::among("a", "all"));
        let listed = page(listed);
        for code in ["context_missing", "not_in_context"] {
            assert!(codes(&listed).contains(&code), "{listed}");
        }
    }

    #[test]
    fn objects_in_lists_have_sections() {
        let line = Object::of([Field::required("n", Integer::new())]);
        let page = page(Object::of([Field::required(
            "lines",
            List::of(List::of(line)).drop_bad_items(),
        )]));
        assert!(page.contains("\n## `/lines/*/*`\n"), "{page}");
        assert!(
            page.contains("A bad item of `lines` is dropped ([`item_dropped`]"),
            "{page}"
        );
        assert!(
            page.contains("A bad item of `/lines/*` makes all of it bad."),
            "{page}"
        );
    }

    #[test]
    fn a_cell_stays_one() {
        let about = "this | that\nthose";
        let page = page(Object::of([Field::optional("a", Shape::Any).about(about)]));
        assert!(page.contains("| this \\| that those |"), "{page}");
    }
}
