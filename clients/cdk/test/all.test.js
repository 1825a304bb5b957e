// One process for all, because loading the CDK takes most of the time.
for (const file of ["guard", "nag", "readme", "stack"]) require(`./${file}.js`);
