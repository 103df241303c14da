"use strict";
SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  // Tokens stay in this page's memory; nothing is asked of anybody outside.
  persistAuthorization: false,
  validatorUrl: null,
});
