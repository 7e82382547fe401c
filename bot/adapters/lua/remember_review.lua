-- Stores the id of a pending review before it is submitted, for whoever continues.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then return 'lost' end
put(job, {review_id = ask.review_id, review_for = target_of_run(job)})
save(job)
return 'held'
