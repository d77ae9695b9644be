// The reference page: Swagger UI on one of the documents. No framework, served as it is.
/* global SwaggerUIBundle */
const DOCUMENTS = [
  { name: 'People and machines', url: '/openapi/platform.json' },
  { name: 'Admins', url: '/openapi/admin.json' },
  { name: 'Back offices: packages', url: '/openapi/sites.json' },
  { name: 'Alliance: tiers', url: '/openapi/tiers.json' },
  { name: 'Storefront: levels', url: '/openapi/storefront.json' },
  // Last: of 150 rows or more Swagger UI draws only those in sight, and a browser's search finds no others.
  { name: 'Everything', url: '/openapi.json' },
];

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', followScheme);
followScheme();

const select = document.getElementById('document');
for (const { name, url } of DOCUMENTS) select.add(new Option(name, url));

function show() {
  SwaggerUIBundle({
    url: select.value,
    dom_id: '#reference',
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    docExpansion: 'list',
    validatorUrl: null,
  });
}
select.addEventListener('change', show);
show();
