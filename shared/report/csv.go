package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteCSV writes the rows as RFC 4180 says, after their heading if it is wanted.
func (a *Answer) WriteCSV(to io.Writer, heading bool) error {
	columns := []string{"start"}
	switch group := value(a.Group); group {
	case "":
	case ByKey, ByProject:
		columns = append(columns, group+"_id", "name")
	case ByCustomer:
		columns = append(columns, "customer_id", "name", "external_id")
	default:
		columns = append(columns, group)
	}
	names := map[string]Group{}
	for _, g := range a.Groups {
		names[g.ID()] = g
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if heading {
		_ = w.Write(append(columns, "requests", "refusals")) // w keeps its first error
	}
	for _, row := range a.Usage {
		g := names[row.ID()]
		cells := []string{row.Start.Format(time.RFC3339), inert(row.ID()), inert(g.Called()), inert(value(g.ExternalID))}[:len(columns)]
		_ = w.Write(append(cells, strconv.FormatInt(row.Requests, 10), strconv.FormatInt(row.Refusals, 10)))
	}
	w.Flush()
	return w.Error()
}

// inert returns a cell that no spreadsheet takes for a formula: callers choose names and routes.
// https://owasp.org/www-community/attacks/CSV_Injection
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
