//! Times dsntk over the DMN TCK: `evaluate_invocable` on a prebuilt model evaluator and a prebuilt
//! input context, one thread. Protocol: ../README.md.

mod tck;

use dsntk_feel::Name;
use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_model::{DmnElement, NamedElement};
use dsntk_model_evaluator::ModelEvaluator;
use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tck::{ResultNode, TckValue, TestFile};

const SAMPLES: usize = 11;
const SAMPLE_NS: u128 = 500_000;
const WARM_UP_NS: u128 = 2_000_000;
const TOLERANCE: f64 = 1e-8;

struct Model {
    namespace: String,
    name: String,
    evaluator: Arc<ModelEvaluator>,
}

/// One test case, ready to be evaluated again and again.
struct Prepared {
    row: String,
    model: Option<usize>,
    input: FeelContext,
    invocables: Vec<String>,
    status: &'static str,
    ns: f64,
}

fn load(file: &TestFile) -> Result<Model, String> {
    let mut definitions = vec![];
    for path in &file.models {
        let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
        definitions.push(dsntk_model::parse(&text).map_err(|e| e.to_string())?);
    }
    let evaluator = ModelEvaluator::new(&definitions).map_err(|e| e.to_string())?;
    let tested = &definitions[0];
    let (namespace, name) = (tested.namespace().to_string(), tested.name().to_string());
    Ok(Model { namespace, name, evaluator })
}

fn to_value(value: &TckValue) -> Result<Value, String> {
    Ok(match value {
        TckValue::Null => Value::Null(None),
        TckValue::List(items) => Value::List(items.iter().map(to_value).collect::<Result<_, _>>()?),
        TckValue::Context(entries) => {
            let mut context = FeelContext::default();
            for (name, entry) in entries {
                context.set_entry(&Name::from(name.as_str()), to_value(entry)?);
            }
            Value::Context(context)
        }
        TckValue::Simple(typ, text) => match typ.as_str() {
            "string" => Ok(Value::String(text.clone())),
            "boolean" => Value::try_from_xsd_boolean(text),
            "integer" => Value::try_from_xsd_integer(text),
            "decimal" => Value::try_from_xsd_decimal(text),
            "double" => Value::try_from_xsd_double(text),
            "date" => Value::try_from_xsd_date(text),
            "time" => Value::try_from_xsd_time(text),
            "dateTime" => Value::try_from_xsd_date_time(text),
            "duration" => Value::try_from_xsd_duration(text),
            other => return Err(format!("unknown type '{other}'")),
        }
        .map_err(|e| e.to_string())?,
    })
}

fn same_number(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= TOLERANCE.max(b.abs() * 1e-15),
        _ => false,
    }
}

fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Null(_), Value::Null(_)) => true,
        (Value::Number(a), Value::Number(b)) => same_number(&a.to_string(), &b.to_string()),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y))
        }
        (Value::Context(a), Value::Context(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, x)| b.get_entry(name).is_some_and(|y| same(x, y)))
        }
        (a, b) => {
            std::mem::discriminant(a) == std::mem::discriminant(b) && a.to_string() == b.to_string()
        }
    }
}

/// A service with several output decisions answers a context of them.
fn is_expected(node: &ResultNode, answer: &Value, several: bool) -> Result<bool, String> {
    let expected = to_value(&node.expected)?;
    if several && let Value::Context(outputs) = answer {
        let name = Name::from(node.name.as_str());
        return Ok(outputs.get_entry(&name).is_some_and(|output| same(&expected, output)));
    }
    Ok(same(&expected, answer))
}

fn evaluate(model: &Model, case: &Prepared) -> Vec<Value> {
    let call = |invocable: &String| {
        model.evaluator.evaluate_invocable(&model.namespace, &model.name, invocable, &case.input)
    };
    case.invocables.iter().map(call).collect()
}

fn run(model: &Model, case: &Prepared, iterations: u128) -> u128 {
    let start = Instant::now();
    for _ in 0..iterations {
        for invocable in &case.invocables {
            black_box(model.evaluator.evaluate_invocable(
                &model.namespace,
                &model.name,
                invocable,
                black_box(&case.input),
            ));
        }
    }
    start.elapsed().as_nanos()
}

/// Median over the samples, in ns for one evaluation of all result nodes of the case.
fn measure(model: &Model, case: &Prepared) -> f64 {
    let (mut spent, mut done) = (0, 0);
    while spent < WARM_UP_NS {
        spent += run(model, case, 1);
        done += 1;
    }
    let iterations = (SAMPLE_NS * done / spent).max(1);
    let mut samples: Vec<f64> =
        (0..SAMPLES).map(|_| run(model, case, iterations) as f64 / iterations as f64).collect();
    samples.sort_by(f64::total_cmp);
    samples[SAMPLES / 2]
}

type Reasons = BTreeMap<String, usize>;

fn prepare(suite: &[TestFile], reasons: &mut Reasons) -> (Vec<Model>, Vec<Prepared>) {
    let (mut models, mut cases) = (vec![], vec![]);
    for file in suite {
        let loaded = catch_unwind(|| load(file)).unwrap_or_else(|_| Err("panic".to_string()));
        let model = match loaded {
            Ok(model) => {
                models.push(model);
                Some(models.len() - 1)
            }
            Err(reason) => {
                let text = format!("{}: {reason}", file.folder);
                *reasons.entry(text).or_default() += file.cases.len();
                None
            }
        };
        for case in &file.cases {
            let mut prepared = Prepared {
                row: format!("{},{},{}", file.folder, file.file, case.id),
                model,
                input: FeelContext::default(),
                invocables: vec![],
                status: "error",
                ns: 0.0,
            };
            for node in &case.results {
                prepared.invocables.push(case.service.clone().unwrap_or(node.name.clone()));
            }
            let check = catch_unwind(AssertUnwindSafe(|| -> Result<bool, String> {
                let model = &models[model.ok_or("the model was refused")?];
                for (name, value) in &case.inputs {
                    prepared.input.set_entry(&Name::from(name.as_str()), to_value(value)?);
                }
                let answers = evaluate(model, &prepared);
                let several = case.service.is_some() && case.results.len() > 1;
                for (node, answer) in case.results.iter().zip(&answers) {
                    if !is_expected(node, answer, several)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }));
            prepared.status = match check {
                Ok(Ok(true)) => "ok",
                Ok(Ok(false)) => "wrong",
                _ => "error",
            };
            cases.push(prepared);
        }
    }
    (models, cases)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, root, output] = arguments.as_slice() else {
        eprintln!("usage: schwarm-peer-dsntk TCK_FOLDER OUTPUT.csv");
        std::process::exit(2);
    };
    std::panic::set_hook(Box::new(|_| {}));
    let suite = tck::read_suite(Path::new(root));
    let mut reasons = Reasons::new();
    let (models, mut cases) = prepare(&suite, &mut reasons);
    for measured in [false, true] {
        for case in cases.iter_mut().filter(|c| c.status != "error") {
            let model = &models[case.model.unwrap()];
            if measured {
                case.ns = measure(model, case);
            } else {
                run(model, case, 20);
            }
        }
    }
    let mut text = String::from("folder,file,case,ns,status\n");
    for case in &cases {
        let ns = if case.status == "error" { String::new() } else { format!("{:.0}", case.ns) };
        text += &format!("{},{ns},{}\n", case.row, case.status);
    }
    fs::write(output, text).unwrap_or_else(|e| panic!("{output}: {e}"));
    for (reason, count) in reasons {
        eprintln!("dsntk: {count} cases: {reason}");
    }
    let count = |status| cases.iter().filter(|c| c.status == status).count();
    let (ok, wrong, error) = (count("ok"), count("wrong"), count("error"));
    println!("dsntk: {} cases, {ok} ok, {wrong} wrong, {error} error", cases.len());
}
