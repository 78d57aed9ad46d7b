//! The official Rust SDK.
use rmcp::model::{CallToolRequestParams, JsonObject};
use rmcp::service::{RunningService, ServiceExt};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::RoleClient;
use serde_json::{Value, json};

type Client = RunningService<RoleClient, ()>;

async fn call(client: &Client, step: &str, tool: &'static str, input: Value) {
    let arguments: JsonObject = input.as_object().unwrap().clone();
    let asked = CallToolRequestParams::new(tool).with_arguments(arguments);
    match client.call_tool(asked).await {
        Ok(result) => println!("{}", json!({step: serde_json::to_string(&result).unwrap()})),
        Err(error) => println!("{}", json!({step: error.to_string(), "raised": step})),
    }
}

/// The version that cargo has chosen.
fn version() -> String {
    let lock = std::fs::read_to_string("Cargo.lock").unwrap();
    let after = lock.split("name = \"rmcp\"\nversion = \"").nth(1).unwrap();
    after.split('"').next().unwrap().to_string()
}

#[tokio::main]
async fn main() {
    println!("{}", json!({"versions": {"rmcp": version()}}));
    let words: Vec<String> = std::env::args().collect();
    let config = StreamableHttpClientTransportConfig::with_uri(words[1].clone())
        .auth_header(words[2].clone());
    let client = ().serve(StreamableHttpClientTransport::from_config(config)).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    println!("{}", json!({"tools": names}));
    let order = json!({"orderId": 7});
    call(&client, "call", "orders___getOrder", order.clone()).await;
    call(&client, "fail", "orders___breakOrder", order.clone()).await;
    let query = json!({"query": "send an order back"});
    call(&client, "search", "x_amz_bedrock_agentcore_search", query).await;
    println!("{}", json!({"restart": true}));
    std::io::stdin().read_line(&mut String::new()).unwrap();
    call(&client, "again", "orders___getOrder", order).await;
    client.cancel().await.unwrap();
}
