// Ask face-api.js itself what it says of the images that face_api_network.py wrote:
//
//     npm install @vladmandic/face-api @tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4
//     node benchmarks/peers/face_api_answers.cjs pixels.json answers.json
const fs = require("fs");
const { createRequire } = require("module");

const installed = createRequire(`${process.cwd()}/`); // packages lie in the working folder
const faceapi = installed("@vladmandic/face-api/dist/face-api.node-wasm.js");
const [pixels, answers] = process.argv.slice(2);
const models = "node_modules/@vladmandic/face-api/model";

async function main() {
  await faceapi.tf.ready();
  await faceapi.nets.faceExpressionNet.loadFromDisk(models);
  const said = [];
  for (const image of JSON.parse(fs.readFileSync(pixels))) {
    const rgb = image.map((row) => row.map((value) => [value, value, value]));
    const proba = await faceapi.nets.faceExpressionNet.forward(faceapi.tf.tensor3d(rgb));
    said.push(Array.from(proba.dataSync()));
  }
  fs.writeFileSync(answers, JSON.stringify(said));
}

main();
