// Answers with what it learns about its caller.
exports.handler = async (event) => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    caller: event.requestContext.authorizer?.lambda ?? {},
    path: event.rawPath,
    table: process.env.TABLE_NAME,
  }),
});
