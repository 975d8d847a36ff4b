import { SignJWT } from "jose";

const token = await new SignJWT({ userId: "42", username: "Ana" })
  .setProtectedHeader({ alg: "HS256" })
  .setExpirationTime("15m")
  .sign(new TextEncoder().encode(process.env.JWT_SECRET));

console.log(token.length);