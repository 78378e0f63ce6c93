/** A process that sends whether it was given the token of the hub. */
process.send!({ failed: process.env.HF_TOKEN === undefined ? 'no token' : 'a token' });
