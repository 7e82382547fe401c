-- Shows how far a run got to those in Slack who follow it; where nobody does, nothing is written.
-- Answers how many follow it, or -1 when another holds the job.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then return -1 end
local followers = 0
for id, stored in pairs(origins_in(KEY.run, job)) do
  local kind = kind_of(stored)
  if is_card(kind) then
    followers = followers + 1
    set_step(job, kind, id, ask.step)
  end
end
return followers
