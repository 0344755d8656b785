//! Reads the test files of the DMN TCK (TestCases/testCases.xsd).

use roxmltree::{Document, Node};
use std::fs;
use std::path::{Path, PathBuf};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A value as the test file writes it.
#[derive(Debug, Clone)]
pub enum TckValue {
    Null,
    /// Local name of the XSD type ("decimal", "dateTime", ...) and the text.
    Simple(String, String),
    List(Vec<TckValue>),
    Context(Vec<(String, TckValue)>),
}

pub struct ResultNode {
    pub name: String,
    pub expected: TckValue,
}

pub struct TestCase {
    pub id: String,
    /// Name of the decision service, for a case that invokes one.
    pub service: Option<String>,
    pub inputs: Vec<(String, TckValue)>,
    pub results: Vec<ResultNode>,
}

/// One test file with its models, the tested one first.
pub struct TestFile {
    pub folder: String,
    pub file: String,
    pub models: Vec<PathBuf>,
    pub cases: Vec<TestCase>,
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    elements(node).find(|n| n.tag_name().name() == name)
}

fn attribute(node: Node, name: &str) -> String {
    node.attribute(name).unwrap_or_default().to_string()
}

fn is_nil(node: Node) -> bool {
    node.attribute((XSI, "nil")) == Some("true")
}

fn read_value(node: Node) -> TckValue {
    if is_nil(node) {
        return TckValue::Null;
    }
    let mut components = vec![];
    for part in elements(node) {
        match part.tag_name().name() {
            "value" if is_nil(part) => return TckValue::Null,
            "value" => {
                let typ = part.attribute((XSI, "type")).unwrap_or("xsd:string");
                let local = typ.rsplit(':').next().unwrap_or(typ);
                let text: String = part.text().unwrap_or_default().to_string();
                return TckValue::Simple(local.to_string(), text);
            }
            "list" if is_nil(part) => return TckValue::Null,
            "list" => return TckValue::List(elements(part).map(read_value).collect()),
            "component" => components.push((attribute(part, "name"), read_value(part))),
            _ => {}
        }
    }
    if components.is_empty() { TckValue::Null } else { TckValue::Context(components) }
}

fn read_case(node: Node) -> TestCase {
    let mut case = TestCase {
        id: attribute(node, "id"),
        service: (node.attribute("type") == Some("decisionService"))
            .then(|| attribute(node, "invocableName")),
        inputs: vec![],
        results: vec![],
    };
    for part in elements(node) {
        match part.tag_name().name() {
            "inputNode" => case.inputs.push((attribute(part, "name"), read_value(part))),
            "resultNode" => case.results.push(ResultNode {
                name: attribute(part, "name"),
                expected: child(part, "expected").map_or(TckValue::Null, read_value),
            }),
            _ => {}
        }
    }
    case
}

fn sorted(folder: &Path, keep: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| keep(path))
        .collect();
    paths.sort();
    paths
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e == extension)
}

/// All test files of levels 2 and 3 below the suite's root, in the order of their names.
pub fn read_suite(root: &Path) -> Vec<TestFile> {
    let mut files = vec![];
    for level in ["compliance-level-2", "compliance-level-3"] {
        for folder in sorted(&root.join(level), Path::is_dir) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().to_string();
            for test in sorted(&folder, |p| has_extension(p, "xml")) {
                let text = fs::read_to_string(&test).unwrap();
                let document = Document::parse(&text)
                    .unwrap_or_else(|e| panic!("{}: {e}", test.display()));
                let suite = document.root_element();
                let model = child(suite, "modelName").and_then(|n| n.text()).unwrap_or_default();
                let tested = folder.join(model.trim());
                let mut models = vec![tested.clone()];
                models.extend(sorted(&folder, |p| has_extension(p, "dmn") && p != tested));
                let cases = elements(suite)
                    .filter(|n| n.tag_name().name() == "testCase")
                    .map(read_case)
                    .collect();
                files.push(TestFile {
                    folder: format!("{level}/{name}"),
                    file: test.file_stem().unwrap_or_default().to_string_lossy().to_string(),
                    models,
                    cases,
                });
            }
        }
    }
    files
}
