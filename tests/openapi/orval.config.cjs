module.exports = {
  latchkey: {
    input: process.env.DOCUMENT,
    output: { target: `${process.env.FOLDER}/latchkey.ts`, schemas: `${process.env.FOLDER}/model`, mode: "tags-split", client: "fetch" },
  },
};
