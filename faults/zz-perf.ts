import { openTestDatabase, startPostgres, FakeClock } from "@mirage/testing";
import { ChatWriter } from "../packages/server/src/hot-path/chat-lane/chat-writer.ts";
import { ChatStreams } from "../packages/server/src/hot-path/chat-lane/read-streams.ts";
import { Hubs } from "../packages/server/src/hot-path/hubs.ts";
import { keepStatistics } from "../packages/server/src/database/statistics.ts";
const kind = process.argv[2] as "postgres"|"pglite"; const size = Number(process.argv[3] ?? 200); const rounds = Number(process.argv[4] ?? 100);
process.env.TEST_DATABASE = kind;
const pg = kind === "postgres" ? await startPostgres({isDurable: true}) : undefined; if (pg) process.env.TEST_POSTGRES_URL = pg.url;
const { database, close } = await openTestDatabase();
const users = Array.from({length:50},(_, i)=>`u${i}`);
for (const u of users) { await database.query("INSERT INTO users (id, username, username_key) VALUES ($1,$1,$1)",[u]); await database.query("INSERT INTO streams (id) VALUES ('user:'||$1)",[u]); }
const clock = new FakeClock();
const hubs = new Hubs({ source: new ChatStreams(database), topics: {connectionCount: ()=>0} as never, delivery: {deliver(){},cut(){}}, clock, database, nodeId: "n" });
const w = new ChatWriter({database, nodeId:"n", hubs, onCommitted(){}});
const rooms = Array.from({length:5},(_, i)=>`r${i}`);
for (const roomId of rooms) await w.commit([{item:{op:"create",roomId,userId:"u0",name:"R",type:"public",description:undefined,directKey:undefined,people:users.map((userId)=>({userId,role:"member" as const})),at:0},pair:undefined}]);
const stats = keepStatistics(database);
let n=0; const ids: {id:string,room:string,user:string}[] = [];
const seeded = Number(process.argv[5] ?? 0);
function item(): never { const roomId = rooms[n%5]!; const userId = users[n%50]!; const k = n++ % 10; 
 if (k<6||ids.length<50) { const id=`m${n}`; ids.push({id,room:roomId,user:userId}); if(ids.length>500) ids.shift(); return {op:"send",roomId,messageId:id,userId,fence:0,username:userId,type:"text",content:"hello ".repeat(20)+n,metadata:{},nonce:`n${n}`,bodyHash:"h",replyTo:undefined,threadId:undefined,mentions:undefined,notify:[],notice:undefined,at:Date.now()} as never; }
 const t = ids[(n*7919)%ids.length]!; const base={roomId:t.room,messageId:t.id,userId:t.user,fence:0};
 if (k<8) return {op:"react",...base,userId,emoji:"👍",on:true,maxEmoji:20} as never; if (k===8) return {op:"edit",...base,content:"edited "+n,unmentioned:[],mentions:undefined,notify:[],notice:undefined,at:Date.now()} as never; return {op:"delete",...base,at:Date.now()} as never; }
for (let i=0;i<seeded/300;i++){ await w.commit(Array.from({length:300},()=>({item:item(),pair:undefined}))); stats.countWrites(300);} 
for (let i=0;i<10;i++) { await w.commit(Array.from({length:size},()=>({item:item(),pair:undefined}))); stats.countWrites(size);} 
const times:number[]=[]; const t0=performance.now();
for (let i=0;i<rounds;i++){ const b=Array.from({length:size},()=>({item:item(),pair:undefined})); const t=performance.now(); await w.commit(b); times.push(performance.now()-t); stats.countWrites(size);} 
const s=(performance.now()-t0)/1000; times.sort((a,b)=>a-b);
console.log(kind,"batch",size,"messages before",n-rounds*size, Math.round(rounds*size/s),"changes/s; per batch p50",times[times.length>>1]!.toFixed(1),"ms p99",times[Math.floor(times.length*.99)]!.toFixed(1),"ms");
await w.close(); await close(); await pg?.stop(); process.exit(0);
