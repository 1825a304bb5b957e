package checkup

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// A sign is a metric that should have been small for a day.
type sign struct {
	namespace, metric, stat string
	dimensions              map[string]string
	most                    float64
	finding                 func(value float64) Finding
}

func (d *deployment) signs() []sign {
	stack, counter := map[string]string{"stack": d.stack.name}, map[string]string{"FunctionName": d.stack.id("UsesCountFunction")}
	undelivered := map[string]string{"LogGroupName": d.stack.outputs["LogGroupName"], "DestinationType": "Lambda", "FilterName": d.stack.id("UsesSubscription")}
	lost := func(value float64) Finding {
		return Finding{Severity: Broken, What: fmt.Sprintf("%.0f deliveries of uses were not counted in the last 24 hours", value), Why: "Nobody tries again, but their lines are kept.",
			Do: "Count them again with UsesReplayFunction (docs/operations.md)."}
	}
	return []sign{
		{"AWS/Lambda", "AsyncEventsDropped", "Sum", counter, 0, lost},
		{"AWS/Logs", "DeliveryErrors", "Sum", undelivered, 0, lost},
		{"Latchkey", "UsesDelay", "Maximum", stack, 60_000, func(value float64) Finding {
			return Finding{Severity: Risk, What: fmt.Sprintf("a use of a key was counted %.0f s late in the last 24 hours", value/1000), Why: "Last use and audit log are behind. None is lost.",
				Do: "See UsesLate in docs/operations.md."}
		}},
		{"Latchkey", "CacheFlushFailures", "Sum", stack, 0, func(value float64) Finding {
			return Finding{Severity: Risk, What: fmt.Sprintf("%.0f flushes of a cache failed in the last 24 hours", value), Why: "A revoked key went on working behind that cache.",
				Do: "See that CachedStages names stages that exist."}
		}},
		{"Latchkey/" + d.stack.name, "Crashes", "Sum", nil, 0, func(value float64) Finding {
			return Finding{Severity: Risk, What: fmt.Sprintf("functions crashed or ran out of time %.0f times in the last 24 hours", value), Why: "Those requests got 503.",
				Do: "See Crashes in docs/operations.md."}
		}},
		{"Latchkey/" + d.stack.name, "RotationFailures", "Sum", nil, 0, func(value float64) Finding {
			return Finding{Severity: Risk, What: fmt.Sprintf("a rotation failed %.0f times in the last 24 hours", value), Why: "The present secret stays in use.",
				Do: "Look for `rotation failed` in the functions' log group; its field error says what failed."}
		}},
	}
}

// checkLastDay finds what no alarm shows any more.
func checkLastDay(ctx context.Context, d *deployment, s *sheet) error {
	signs, now := d.signs(), time.Now()
	var queries []types.MetricDataQuery
	for i, sign := range signs {
		var dimensions []types.Dimension
		for _, key := range sorted(sign.dimensions) {
			dimensions = append(dimensions, types.Dimension{Name: aws.String(key), Value: aws.String(sign.dimensions[key])})
		}
		queries = append(queries, types.MetricDataQuery{Id: aws.String(fmt.Sprintf("m%d", i)), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &sign.namespace, MetricName: &sign.metric, Dimensions: dimensions}, Period: aws.Int32(300), Stat: &sign.stat}})
	}
	out, err := d.aws.watch.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{MetricDataQueries: queries, StartTime: aws.Time(now.Add(-day)), EndTime: &now})
	if err != nil {
		return err
	}
	for i, sign := range signs {
		for _, result := range out.MetricDataResults {
			if aws.ToString(result.Id) != fmt.Sprintf("m%d", i) {
				continue
			}
			if value := together(result.Values, sign.stat); value > sign.most {
				s.add(sign.finding(value))
			}
		}
	}
	return nil
}

// together is the statistic of the whole day from those of its parts.
func together(values []float64, stat string) (all float64) {
	for _, v := range values {
		if stat == "Sum" {
			all += v
		} else {
			all = max(all, v)
		}
	}
	return all
}
